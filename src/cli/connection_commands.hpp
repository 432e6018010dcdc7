#pragma once

#include "cli/context.hpp"

namespace CLI {
class App;
}

namespace millrace::cli {

/// `connections list|show|create|edit|test|delete`.
void add_connection_commands(CLI::App& app, Context& context);

}  // namespace millrace::cli
