#pragma once

#include <CLI/App.hpp>

#include "cli/context.hpp"

namespace millrace::cli {

/// `pause`, `resume`, `restart` and `delete`. The context outlives the app.
void add_control_commands(CLI::App& app, Context& context);

}  // namespace millrace::cli
