#include "cli/connection_service.hpp"
#include "cli/server_client.hpp"
#include "server/api_json.hpp"

namespace millrace::cli {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

std::string connection_place(const std::string& name) {
  return "/connections/" + url_part(name);
}

class RemoteConnections : public ConnectionService {
 public:
  explicit RemoteConnections(const ServerContext& server) : client_(server) {}

  std::vector<ordered_json> list(const std::string& kind, const std::stop_token& stop) override {
    const auto found = client_.list("/connections" + (kind.empty() ? "" : "?kind=" + url_part(kind)), 0, stop);
    return {found.begin(), found.end()};
  }
  ordered_json get(const std::string& name, const std::stop_token& stop) override {
    return client_.get(connection_place(name), stop);
  }
  ordered_json create(const std::string& name, const std::string& kind, const json& endpoint,
                      const std::stop_token& stop) override {
    return client_.post("/connections", {{"name", name}, {"kind", kind}, {"endpoint", in_api(endpoint)}}, stop);
  }
  ordered_json change(const std::string& name, const ConnectionChange& change, const std::stop_token& stop) override {
    const auto known = client_.send("GET", connection_place(name), nullptr, {}, stop);
    ordered_json body = ordered_json::object();
    if (change.name) body["name"] = *change.name;
    if (!change.endpoint.empty()) body["endpoint"] = in_api(change.endpoint);
    return client_.send("PATCH", connection_place(name), body, {{"If-Match", known.etag}}, stop).body;
  }
  ordered_json test(const std::string& name, const std::stop_token& stop) override {
    const auto saved = client_.get(connection_place(name), stop);
    const ordered_json body{{"side", saved.at("kind")}, {"connection", {{"connection", saved.at("id")}}}};
    return client_.post("/connections:test", body, stop);
  }
  void remove(const std::string& name, const std::stop_token& stop) override {
    client_.send("DELETE", connection_place(name), nullptr, {}, stop);
  }

 private:
  static ordered_json in_api(const json& endpoint) { return server::to_api(ordered_json(endpoint)); }

  ServerClient client_;
};

}  // namespace

std::unique_ptr<ConnectionService> remote_connections(const ServerContext& server) {
  return std::make_unique<RemoteConnections>(server);
}

}  // namespace millrace::cli
