#pragma once

#include <CLI/App.hpp>

#include "cli/context.hpp"

namespace millrace::cli {

/// `login`, `logout` and `context list|use|remove`: the servers that the other verbs may work with. The context
/// outlives the app.
void add_login_commands(CLI::App& app, Context& context);

}  // namespace millrace::cli
