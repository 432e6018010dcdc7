#pragma once

#include "cli/context.hpp"

namespace CLI {
class App;
}

namespace millrace::cli {

/// The verbs of whoever owns the data directory (no sign-in: the file's rights decide): rotate-key, audit verify,
/// user add|passwd|list, api-key create|list|revoke. They work beside a running server.
void add_admin_commands(CLI::App& app, Context& context);

}  // namespace millrace::cli
