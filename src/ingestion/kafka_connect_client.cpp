#include "ingestion/kafka_connect_client.hpp"

#include <nlohmann/json.hpp>

#include "ingestion/trace_root_cause.hpp"
#include "support/error.hpp"
#include "support/secret.hpp"

namespace millrace::ingestion {
namespace {

using nlohmann::json;
using pipeline::ConnectorConfig;

constexpr long kOk = 200;
constexpr long kUnauthorized = 401;
constexpr long kForbidden = 403;
constexpr long kNotFound = 404;
constexpr long kConflict = 409;
constexpr long kTooMany = 429;
constexpr long kServerError = 500;
constexpr Milliseconds kFirstAnswer{5000};

std::string encoded(const std::string& text) {
  static const char* kHex = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || c == '-' || c == '_' || c == '.' || c == '~') {
      out += c;
    } else {
      out += '%';
      out += kHex[byte >> 4U];
      out += kHex[byte & 0xFU];
    }
  }
  return out;
}

Error not_connect(const std::string& message) {
  return Error(ErrorCode::kConnectRejected, message, {.field = "connect-url"})
      .suggest("Check that --connect-url points at the REST API of a Connect worker.");
}

json parsed(const HttpResponse& response) {
  json value = json::parse(response.body, nullptr, false);
  if (value.is_discarded()) throw not_connect("The Kafka Connect URL answered with something that is not JSON.");
  return value;
}

/// Reads an answer with `read`; one of another shape than Kafka Connect's is an Error and no surprise.
template <typename Read>
auto read_as_connect(const HttpResponse& response, Read read) {
  const json value = parsed(response);
  try {
    return read(value);
  } catch (const json::exception&) {
    throw not_connect("The Kafka Connect URL answered with JSON of another shape than Kafka Connect's.");
  }
}

std::string body_of(const ConnectorConfig& config) {
  try {
    return json(config).dump();
  } catch (const json::type_error&) {
    throw Error(ErrorCode::kUsage, "A value of a connector config is not valid UTF-8.", {.field = "options"});
  }
}

std::string text(const json& value, const char* key) {
  const auto found = value.is_object() ? value.find(key) : value.end();
  return found != value.end() && found->is_string() ? found->get<std::string>() : "";
}

/// The worker's own words: {"error_code":..,"message":".."}.
std::string worker_message(const HttpResponse& response) {
  const json value = json::parse(response.body, nullptr, false);
  const auto message = value.is_discarded() ? "" : text(value, "message");
  return redact_urls(message.empty() ? response.body.substr(0, 300) : message);
}

/// A connector of the name is there (AlreadyExistsException): the one 409 that waiting does not cure. Kafka Connect
/// tells it from a rebalance by the message alone.
bool already_exists(const HttpResponse& response) {
  return response.body.find("already exists") != std::string::npos;
}

/// The worker has no such plugin. Kafka Connect 4 answers 500 to a validation and 400 to a deployment.
bool plugin_missing(const HttpResponse& response) {
  return response.body.find("Failed to find any class") != std::string::npos;
}

/// A worker that is still loading its plugins answers every path with 404 and its web server's own page. Taken for
/// Kafka Connect's 404 it would make connectors that exist look gone.
bool starting(const HttpResponse& response) {
  if (response.status != kNotFound) return false;
  const json value = json::parse(response.body, nullptr, false);
  return !value.is_object() || !value.contains("error_code");
}

bool worth_retrying(const HttpResponse& response) {
  if (response.status == kConflict) return !already_exists(response);
  if (plugin_missing(response)) return false;
  return response.status == kTooMany || response.status >= kServerError || starting(response);
}

[[noreturn]] void refuse(const HttpRequest& request, const HttpResponse& response) {
  const auto what = request.method + " " + request.path;
  if (response.status == kUnauthorized || response.status == kForbidden) {
    throw Error(ErrorCode::kConnectAuth, "Kafka Connect refused the credentials.", {.field = "connect-url"})
        .because(worker_message(response));
  }
  if (plugin_missing(response)) {
    throw Error(ErrorCode::kConnectPlugin, "A plugin is not installed on the Connect workers.")
        .because(worker_message(response));
  }
  if (response.status == kNotFound) {
    throw Error(ErrorCode::kConnectNotFound, "Kafka Connect does not know " + request.path + ".")
        .because(worker_message(response));
  }
  if (response.status == kConflict && already_exists(response)) {
    throw Error(ErrorCode::kConnectConflict, "Kafka Connect has a connector of this name.")
        .because(worker_message(response));
  }
  if (worth_retrying(response) && response.status == kConflict) {
    throw Error(ErrorCode::kConnectBusy, "Kafka Connect kept rebalancing.").because(worker_message(response));
  }
  throw Error(ErrorCode::kConnectRejected,
              "Kafka Connect answered " + std::to_string(response.status) + " to " + what + ".")
      .because(worker_message(response));
}

ValidationResult read_validation(const json& answer) {
  ValidationResult result;
  for (const auto& entry : answer.value("configs", json::array())) {
    const auto definition = entry.value("definition", json::object());
    const auto value = entry.value("value", json::object());
    if (!text(definition, "name").empty()) result.known_keys.push_back(text(definition, "name"));
    for (const auto& message : value.value("errors", json::array())) {
      result.faults.push_back({text(value, "name"), redact_urls(message.get<std::string>())});
    }
  }
  return result;
}

pipeline::ConnectorStatus read_status(const std::string& connector, const json& value) {
  pipeline::ConnectorStatus status;
  status.name = connector;
  status.kind = text(value, "type");
  const auto head = value.value("connector", json::object());
  status.state = text(head, "state");
  status.worker = text(head, "worker_id");
  status.root_cause = trace_root_cause(text(head, "trace"));
  for (const auto& task : value.value("tasks", json::array())) {
    status.tasks.push_back({.id = task.value("id", 0),
                            .state = text(task, "state"),
                            .worker = text(task, "worker_id"),
                            .root_cause = trace_root_cause(text(task, "trace"))});
  }
  return status;
}

}  // namespace

KafkaConnectClient::KafkaConnectClient(std::unique_ptr<HttpTransport> transport, Pause& pause,
                                       std::chrono::milliseconds patience)
    : transport_(std::move(transport)), pause_(pause), patience_(patience) {}

KafkaConnectClient::~KafkaConnectClient() = default;

// Every request that changes something is one that may be repeated: PUT replaces, DELETE of what is gone is answered
// by 404, actions set a target state. So a lost answer and a 500 that was applied all the same need no second path.
HttpResponse KafkaConnectClient::call(HttpRequest request, const std::stop_token& stop) {
  Backoff backoff(Milliseconds(250), Milliseconds(5000));
  // Whoever has little patience does not wait long for a worker that hangs either.
  request.timeout = std::min(request.timeout, std::max(2 * patience_, Milliseconds(1000)));
  Milliseconds waited{0};
  while (true) {
    std::optional<Error> broken;
    HttpResponse response;
    try {
      response = transport_->send(request, stop);
    } catch (const Error& error) {
      if (!error.retriable()) throw;
      broken = error;
    }
    if (!broken && !worth_retrying(response)) {
      answered_ = true;
      return response;
    }
    if (!broken && starting(response)) {
      broken = Error(ErrorCode::kConnectUnreachable, "Kafka Connect did not become ready.", {.field = "connect-url"})
                   .suggest("The worker is still starting, or --connect-url is not its REST API.");
    }
    const Milliseconds delay = backoff.next();
    // A worker that was never there is told of soon; one that answered before is given time to come back.
    const Milliseconds limit = broken && !answered_ ? std::min(patience_, kFirstAnswer) : patience_;
    if (waited + delay > limit) {
      if (broken) throw *broken;
      return response;
    }
    if (!pause_.wait(delay, stop)) throw Error(ErrorCode::kInterrupted, "Stopped on request.");
    waited += delay;
  }
}

HttpResponse KafkaConnectClient::expect(const HttpRequest& request, const std::stop_token& stop) {
  HttpResponse response = call(request, stop);
  if (response.status < kOk || response.status >= 300) refuse(request, response);
  return response;
}

void KafkaConnectClient::act(const std::string& method, const std::string& connector, const std::string& action,
                             const std::stop_token& stop) {
  expect({.method = method, .path = "/connectors/" + encoded(connector) + action}, stop);
}

preflight::ConnectFacts KafkaConnectClient::facts(const std::stop_token& stop) {
  preflight::ConnectFacts facts;
  const json root = parsed(expect({.method = "GET", .path = "/"}, stop));
  facts.version = text(root, "version");
  facts.cluster_id = text(root, "kafka_cluster_id");
  if (facts.version.empty()) {
    throw Error(ErrorCode::kConnectRejected, "The URL answers, but not as Kafka Connect does.",
                {.field = "connect-url"});
  }
  const json plugins = parsed(expect({.method = "GET", .path = "/connector-plugins?connectorsOnly=false"}, stop));
  for (const auto& plugin : plugins) {
    facts.plugins.push_back({text(plugin, "class"), text(plugin, "type"), text(plugin, "version")});
    facts.all_plugin_kinds = facts.all_plugin_kinds || text(plugin, "type") == "transformation";
  }
  for (const auto& name : parsed(expect({.method = "GET", .path = "/connectors"}, stop))) {
    if (name.is_string()) facts.connectors.push_back(name.get<std::string>());
  }
  return facts;
}

ValidationResult KafkaConnectClient::validate(const ConnectorConfig& config, const std::stop_token& stop) {
  const auto plugin = encoded(config.at("connector.class"));
  const auto response = expect(
      {.method = "PUT", .path = "/connector-plugins/" + plugin + "/config/validate", .body = body_of(config)}, stop);
  return read_as_connect(response, read_validation);
}

void KafkaConnectClient::put_config(const std::string& connector, const ConnectorConfig& config,
                                    const std::stop_token& stop) {
  expect({.method = "PUT", .path = "/connectors/" + encoded(connector) + "/config", .body = body_of(config)}, stop);
}

std::optional<ConnectorConfig> KafkaConnectClient::find_config(const std::string& connector,
                                                               const std::stop_token& stop) {
  const HttpRequest request{.method = "GET", .path = "/connectors/" + encoded(connector) + "/config"};
  const auto response = call(request, stop);
  if (response.status == kNotFound) return std::nullopt;
  if (response.status != kOk) refuse(request, response);
  return read_as_connect(response, [](const json& value) { return value.get<ConnectorConfig>(); });
}

std::optional<pipeline::ConnectorStatus> KafkaConnectClient::status(const std::string& connector,
                                                                    const std::stop_token& stop) {
  const HttpRequest request{.method = "GET", .path = "/connectors/" + encoded(connector) + "/status"};
  const auto response = call(request, stop);
  if (response.status == kNotFound) return std::nullopt;
  if (response.status != kOk) refuse(request, response);
  return read_as_connect(response, [&](const json& value) { return read_status(connector, value); });
}

std::map<std::string, pipeline::ConnectorStatus> KafkaConnectClient::statuses(const std::stop_token& stop) {
  const auto response = expect({.method = "GET", .path = "/connectors?expand=status"}, stop);
  return read_as_connect(response, [](const json& value) {
    std::map<std::string, pipeline::ConnectorStatus> all;
    for (const auto& [name, parts] : value.items()) all[name] = read_status(name, parts.at("status"));
    return all;
  });
}

void KafkaConnectClient::pause(const std::string& connector, const std::stop_token& stop) {
  act("PUT", connector, "/pause", stop);
}

void KafkaConnectClient::resume(const std::string& connector, const std::stop_token& stop) {
  act("PUT", connector, "/resume", stop);
}

void KafkaConnectClient::stop_connector(const std::string& connector, const std::stop_token& stop) {
  act("PUT", connector, "/stop", stop);
}

void KafkaConnectClient::restart(const std::string& connector, bool only_failed, const std::stop_token& stop) {
  act("POST", connector, std::string("/restart?includeTasks=true&onlyFailed=") + (only_failed ? "true" : "false"),
      stop);
}

void KafkaConnectClient::restart_task(const std::string& connector, int task, const std::stop_token& stop) {
  act("POST", connector, "/tasks/" + std::to_string(task) + "/restart", stop);
}

void KafkaConnectClient::delete_offsets(const std::string& connector, const std::stop_token& stop) {
  act("DELETE", connector, "/offsets", stop);
}

std::vector<std::string> KafkaConnectClient::active_topics(const std::string& connector, const std::stop_token& stop) {
  const HttpRequest request{.method = "GET", .path = "/connectors/" + encoded(connector) + "/topics"};
  const auto response = call(request, stop);
  if (response.status == kNotFound) return {};
  if (response.status != kOk) refuse(request, response);
  return read_as_connect(response, [&](const json& value) {
    return value.value(connector, json::object()).value("topics", std::vector<std::string>{});
  });
}

std::string KafkaConnectClient::offsets(const std::string& connector, const std::stop_token& stop) {
  const HttpRequest request{.method = "GET", .path = "/connectors/" + encoded(connector) + "/offsets"};
  const auto response = call(request, stop);
  return response.status == kOk ? response.body : "";
}

bool KafkaConnectClient::remove(const std::string& connector, const std::stop_token& stop) {
  const HttpRequest request{.method = "DELETE", .path = "/connectors/" + encoded(connector)};
  const auto response = call(request, stop);
  if (response.status == kNotFound) return false;
  if (response.status < kOk || response.status >= 300) refuse(request, response);
  return true;
}

}  // namespace millrace::ingestion
