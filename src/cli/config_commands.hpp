#pragma once

#include <CLI/App.hpp>

#include "cli/context.hpp"

namespace millrace::cli {

/// `config check` and `config show`: the settings of `serve`. The context outlives the app.
void add_config_commands(CLI::App& app, Context& context);

}  // namespace millrace::cli
