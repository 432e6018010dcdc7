#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "cli/server_contexts.hpp"

namespace millrace::cli {

/// What a saved connection is to become.
struct ConnectionChange {
  std::optional<std::string> name;
  nlohmann::json endpoint = nlohmann::json::object();  ///< merge patch, in the form of pipeline/spec_json.hpp
};

/// Saved connections, of a data directory or of a server. Each is found by its name or its id. Answers are the API's
/// documents: Connection, ChangedConnection (with "applied": how each pipeline took the change) and ConnectionReport.
/// Methods throw as manager::ConnectionBook does; through a server also Error kServerUnreachable, kUnauthenticated and
/// kForbidden. Not thread-safe.
class ConnectionService {
 public:
  virtual ~ConnectionService() = default;

  /// By name. `kind`: "source" | "target"; empty: both.
  virtual std::vector<nlohmann::ordered_json> list(const std::string& kind, const std::stop_token& stop) = 0;
  virtual nlohmann::ordered_json get(const std::string& name, const std::stop_token& stop) = 0;
  virtual nlohmann::ordered_json create(const std::string& name, const std::string& kind,
                                        const nlohmann::json& endpoint, const std::stop_token& stop) = 0;
  virtual nlohmann::ordered_json change(const std::string& name, const ConnectionChange& change,
                                        const std::stop_token& stop) = 0;
  /// Connects, looks and judges; changes nothing.
  virtual nlohmann::ordered_json test(const std::string& name, const std::stop_token& stop) = 0;
  virtual void remove(const std::string& name, const std::stop_token& stop) = 0;
};

/// Throws as manager::open_workspace does.
std::unique_ptr<ConnectionService> local_connections(const std::string& data_dir);
/// Asks nothing yet. Throws as the constructor of ServerClient does.
std::unique_ptr<ConnectionService> remote_connections(const ServerContext& server);

}  // namespace millrace::cli
