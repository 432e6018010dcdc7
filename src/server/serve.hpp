#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "server/oidc_settings.hpp"
#include "support/secret.hpp"

namespace millrace::server {

struct ServeSettings {
  std::filesystem::path data_dir;
  std::string store = {};  ///< postgres://..; empty: in the data directory
  std::string address = "127.0.0.1";
  std::uint16_t port = 8080;
  std::string certificate_file;
  std::string key_file;
  bool insecure_listen = false;             ///< plain HTTP on an address that others can reach
  std::vector<std::string> allow_networks;  ///< where pipelines may connect to (server/host_policy.hpp)
  bool allow_store_server = false;          ///< also to the PostgreSQL server that holds the store
  /// The folder of certificates and keys that pipelines may name; empty: "certificates" in the data directory.
  std::filesystem::path certificates = {};
  OidcSettings oidc = {};  ///< without an issuer: people sign in by password alone
  /// Of the administrator, taken only when there is none yet; empty: one is made up and told.
  Secret first_password;
};

/// Throws Error kUsage for settings that contradict each other, or would send passwords in the clear.
void check_settings(const ServeSettings& settings);

/// Serves until `stop`, then drains. `say` tells people lines about the start: the address, and once the made-up
/// password. Only one server uses a data directory; several may use one PostgreSQL store, of which one runs the
/// pipelines: throws Error kPipelineState while another does, else as HttpServer and open_workspace do. Tells systemd
/// (sd_notify) when it is ready, alive and stopping.
void serve(const ServeSettings& settings, const std::function<void(const std::string&)>& say,
           const std::stop_token& stop);

}  // namespace millrace::server
