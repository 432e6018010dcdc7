#pragma once

#include <CLI/App.hpp>

#include "cli/context.hpp"

namespace millrace::cli {

/// `list`, `get`, `describe`, `status` and `events`. The context outlives the app.
void add_reading_commands(CLI::App& app, Context& context);

}  // namespace millrace::cli
