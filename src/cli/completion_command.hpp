#pragma once

#include <CLI/App.hpp>

#include "cli/context.hpp"

namespace millrace::cli {

/// `completion`. The context outlives the app.
void add_completion_command(CLI::App& app, Context& context);

}  // namespace millrace::cli
