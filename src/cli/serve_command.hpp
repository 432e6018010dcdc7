#pragma once

#include "cli/context.hpp"

namespace CLI {
class App;
}

namespace millrace::cli {

/// `millrace serve`: the HTTP API, with every pipeline of the embedded engine running in it.
void add_serve_command(CLI::App& app, Context& context);

}  // namespace millrace::cli
