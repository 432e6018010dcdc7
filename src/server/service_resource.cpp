#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "manager/registry.hpp"
#include "server/api_json.hpp"
#include "server/openapi.hpp"
#include "server/routes.hpp"

namespace millrace::server {
namespace {

constexpr int kUnavailable = 503;

/// Label values of Prometheus' text format.
std::string label(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '\\' || c == '"') escaped += '\\';
    escaped += c == '\n' ? ' ' : c;
  }
  return escaped;
}

void family(std::string& text, const char* name, const char* type, const char* help) {
  text += fmt::format("# HELP {0} {2}\n# TYPE {0} {1}\n", name, type, help);
}

}  // namespace

Response healthz_handler(const Call&) {
  return json_response({{"status", "ok"}});
}

Response readyz_handler(const Call& call) {
  bool store = true;
  try {
    manager::Registry(call.services.workspace).revision("");
  } catch (const std::exception&) {
    store = false;
  }
  const bool supervisor = call.services.supervisor.looked_lately();
  const auto word = [](bool good) { return good ? "ok" : "failed"; };
  return json_response(
      {{"status", word(store && supervisor)}, {"checks", {{"store", word(store)}, {"supervisor", word(supervisor)}}}},
      store && supervisor ? 200 : kUnavailable);
}

Response version_handler(const Call&) {
  return json_response({{"version", MILLRACE_VERSION}, {"api", "v1"}});
}

Response metrics_handler(const Call& call) {
  std::string text;
  const auto all = call.services.supervisor.numbers();
  const auto each = [&](const char* name, const char* type, const char* help, auto value) {
    family(text, name, type, help);
    for (const auto& [pipeline, numbers] : all) {
      text += fmt::format("{}{{pipeline=\"{}\"}} {}\n", name, label(pipeline), value(numbers));
    }
  };
  each("millrace_pipeline_running", "gauge", "Whether a run of the pipeline is under way",
       [](const auto& numbers) { return numbers.running ? 1 : 0; });
  each("millrace_pipeline_lag_bytes", "gauge", "WAL of the source that is not applied",
       [](const auto& numbers) { return numbers.lag_bytes; });
  family(text, "millrace_pipeline_lag_seconds", "gauge", "Age of the newest applied commit while more waits");
  for (const auto& [pipeline, numbers] : all) {
    if (numbers.lag_s) {
      text += fmt::format("millrace_pipeline_lag_seconds{{pipeline=\"{}\"}} {}\n", label(pipeline), *numbers.lag_s);
    }
  }
  each("millrace_pipeline_changes_total", "counter", "Changes applied by the present run",
       [](const auto& numbers) { return numbers.changes; });
  each("millrace_pipeline_transactions_total", "counter", "Source transactions applied by the present run",
       [](const auto& numbers) { return numbers.transactions; });
  each("millrace_pipeline_failures_total", "counter", "Runs that ended with an error",
       [](const auto& numbers) { return numbers.failures; });
  each("millrace_pipeline_restarts_total", "counter", "Runs begun again after an error",
       [](const auto& numbers) { return numbers.restarts; });
  return {.type = "text/plain; version=0.0.4", .body = std::move(text)};
}

Response openapi_yaml_handler(const Call&) {
  return {.type = "application/yaml", .body = std::string(openapi_yaml())};
}

Response openapi_json_handler(const Call&) {
  return {.body = openapi_json()};
}

Response page_handler(const Call&) {
  return {.type = "text/html; charset=utf-8",
          .body = "<!doctype html><html lang=\"en\"><title>Millrace</title><h1>Millrace " MILLRACE_VERSION
                  "</h1><p>The API is at <a href=\"/api/openapi.json\">/api/openapi.json</a>.</p></html>\n"};
}

}  // namespace millrace::server
