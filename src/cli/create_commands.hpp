#pragma once

#include <CLI/App.hpp>

#include "cli/context.hpp"

namespace millrace::cli {

/// `create` and `plan`. The context outlives the app.
void add_create_commands(CLI::App& app, Context& context);

}  // namespace millrace::cli
