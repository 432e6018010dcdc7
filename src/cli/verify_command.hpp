#pragma once

#include <CLI/App.hpp>

#include "cli/context.hpp"

namespace millrace::cli {

/// `millrace verify [NAME]`. The context outlives the app.
void add_verify_command(CLI::App& app, Context& context);

}  // namespace millrace::cli
