#pragma once

#include <CLI/App.hpp>

#include "cli/context.hpp"

namespace millrace::cli {

/// `add-tables`, `remove-tables` and `reload`. The context outlives the app.
void add_table_commands(CLI::App& app, Context& context);

}  // namespace millrace::cli
