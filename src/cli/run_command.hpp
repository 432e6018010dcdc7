#pragma once

#include <CLI/App.hpp>

#include "cli/context.hpp"

namespace millrace::cli {

/// `millrace run [NAME]`. The context outlives the app.
void add_run_command(CLI::App& app, Context& context);

}  // namespace millrace::cli
