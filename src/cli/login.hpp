#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <stop_token>
#include <string>

#include "cli/server_contexts.hpp"

namespace millrace::cli {

/// How somebody signs in to a server.
struct LoginRequest {
  ServerContext to;  ///< with `token` when an API key is at hand: then nobody is signed in, and the rest is unused
  std::string user;
  Secret password;
  std::string tenant;  ///< name or id; empty: the first of the user's
  std::string role;    ///< of the key that is made; empty: the user's own
  int days = 90;       ///< until the key runs out; 0: never
};

struct LoginResult {
  ServerContext context;  ///< with the key
  std::string user;
  std::string tenant;   ///< name
  std::string expires;  ///< RFC 3339; empty: never, or not known
};

/// Signs in, makes an API key for this machine and signs out again, so that neither the password nor a session is kept;
/// or tries the key that was given. Throws as ServerClient does, and kForbidden for a user of no tenant.
LoginResult log_in(const LoginRequest& request, const std::stop_token& stop);

/// Makes the key that log_in() made invalid. A key that is invalid already is fine. Throws as ServerClient does.
void revoke_key(const ServerContext& context, const std::stop_token& stop);

}  // namespace millrace::cli
