#pragma once

#include <CLI/App.hpp>

#include "cli/context.hpp"

namespace millrace::cli {

/// `apply` and `diff`. The context outlives the app.
void add_apply_commands(CLI::App& app, Context& context);

}  // namespace millrace::cli
