#pragma once

#include <CLI/App.hpp>

#include "cli/context.hpp"

namespace millrace::cli {

/// `passwords`. The context outlives the app.
void add_password_command(CLI::App& app, Context& context);

}  // namespace millrace::cli
