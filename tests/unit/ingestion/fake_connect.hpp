#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "ingestion/connector_types.hpp"
#include "ingestion/http_transport.hpp"
#include "support/error.hpp"

namespace millrace::ingestion {

/// A Kafka Connect cluster in memory, as far as the engine sees it. A test changes the public members, or answers a
/// request itself through `intercept`.
class FakeConnect {
 public:
  struct Connector {
    nlohmann::json config;
    std::string state = "RUNNING";
    std::vector<std::string> tasks{"RUNNING"};
    std::string trace;
    std::vector<std::string> topics;
    nlohmann::json offsets = nlohmann::json::array();
  };

  std::map<std::string, Connector> connectors;
  std::vector<std::string> plugins{
      kPostgresSourceClass, kDebeziumSinkClass, "org.apache.kafka.connect.json.JsonConverter",
      "org.apache.kafka.connect.transforms.RegexRouter", "org.apache.kafka.connect.transforms.ExtractField$Value"};
  std::map<std::string, std::vector<std::string>> faults;  ///< by config key: what the validate endpoint says
  std::vector<std::string> unlisted;                       ///< config keys that the plugins do not list
  std::function<void(const std::string& name, Connector&)> on_deploy;
  std::function<std::optional<HttpResponse>(const HttpRequest&)> intercept;
  std::vector<std::string> log;  ///< "PUT /connectors/p-source/config", in order

  HttpResponse handle(const HttpRequest& request) {
    log.push_back(request.method + " " + request.path);
    if (intercept) {
      if (const auto answer = intercept(request)) return *answer;
    }
    if (request.path == "/") return ok({{"version", "4.3.1"}, {"kafka_cluster_id", "abc"}});
    if (request.path.starts_with("/connector-plugins?")) return list_plugins();
    if (request.path.ends_with("/config/validate")) return validate(request);
    if (request.path == "/connectors") return list();
    return connector(request);
  }

  bool logged(const std::string& line) const { return std::find(log.begin(), log.end(), line) != log.end(); }

 private:
  using json = nlohmann::json;
  static HttpResponse ok(const json& body, long status = 200) { return {status, body.dump()}; }
  static HttpResponse missing() { return ok({{"error_code", 404}, {"message", "Connector not found"}}, 404); }

  HttpResponse list_plugins() const {
    json all = json::array();
    for (const auto& name : plugins) {
      const bool connects = name.ends_with("Connector");
      all.push_back({{"class", name}, {"type", connects ? "sink" : "transformation"}, {"version", "3.6.0.Final"}});
    }
    return ok(all);
  }

  HttpResponse list() const {
    json names = json::array();
    for (const auto& [name, connector] : connectors) names.push_back(name);
    return ok(names);
  }

  HttpResponse validate(const HttpRequest& request) const {
    json configs = json::array();
    const auto wanted = json::parse(request.body).get<std::map<std::string, std::string>>();
    for (const auto& [key, value] : wanted) {
      if (std::find(unlisted.begin(), unlisted.end(), key) != unlisted.end()) continue;
      const auto found = faults.find(key);
      configs.push_back(
          {{"definition", {{"name", key}}},
           {"value", {{"name", key}, {"errors", found == faults.end() ? json::array() : json(found->second)}}}});
    }
    return ok({{"configs", configs}});
  }

  HttpResponse connector(const HttpRequest& request) {
    const std::string rest = request.path.substr(std::string("/connectors/").size());
    const std::string name = rest.substr(0, rest.find_first_of("/?"));
    const std::string action = rest.substr(name.size());
    if (request.method == "PUT" && action == "/config") return deploy(name, request.body);
    const auto found = connectors.find(name);
    if (found == connectors.end()) return missing();
    Connector& it = found->second;
    if (request.method == "DELETE" && action.empty()) {
      connectors.erase(found);
      return {204, ""};
    }
    if (request.method == "DELETE") return drop_offsets(it);
    if (action == "/status") return status(name, it);
    if (action == "/topics") return ok({{name, {{"topics", it.topics}}}});
    if (action == "/offsets") return ok({{"offsets", it.offsets}});
    if (action == "/config") return ok(it.config);
    if (action == "/pause") return set(it, "PAUSED");
    if (action == "/resume") return set(it, "RUNNING");
    if (action == "/stop") {
      it.tasks.clear();
      it.state = "STOPPED";
      return {204, ""};
    }
    if (action.starts_with("/restart")) return set(it, "RUNNING");
    return missing();
  }

  HttpResponse deploy(const std::string& name, const std::string& body) {
    const bool is_new = !connectors.contains(name);
    Connector& it = connectors[name];
    it.config = json::parse(body);
    if (on_deploy) on_deploy(name, it);
    return ok({{"name", name}}, is_new ? 201 : 200);
  }

  static HttpResponse drop_offsets(const Connector& it) {
    if (it.state != "STOPPED")
      return ok({{"error_code", 400}, {"message", "Connectors must be in the STOPPED state"}}, 400);
    return ok({{"message", "The offsets for this connector have been reset successfully"}});
  }

  static HttpResponse status(const std::string& name, const Connector& it) {
    json tasks = json::array();
    for (std::size_t i = 0; i < it.tasks.size(); ++i) {
      tasks.push_back(
          {{"id", i}, {"state", it.tasks[i]}, {"worker_id", "w"}, {"trace", it.tasks[i] == "FAILED" ? it.trace : ""}});
    }
    return ok({{"name", name}, {"connector", {{"state", it.state}, {"worker_id", "w"}}}, {"tasks", tasks}});
  }

  static HttpResponse set(Connector& it, const std::string& state) {
    it.state = state;
    if (it.tasks.empty()) it.tasks = {state};
    for (auto& task : it.tasks) task = state;
    return {202, ""};
  }
};

class FakeConnectTransport : public HttpTransport {
 public:
  explicit FakeConnectTransport(FakeConnect& cluster) : cluster_(cluster) {}
  HttpResponse send(const HttpRequest& request, const std::stop_token&) override { return cluster_.handle(request); }

 private:
  FakeConnect& cluster_;
};

}  // namespace millrace::ingestion
