#include <nlohmann/json.hpp>

#include "server/api_json.hpp"
#include "server/metrics_text.hpp"
#include "server/openapi.hpp"
#include "server/routes.hpp"
#include "server/web_resource.hpp"

namespace millrace::server {
namespace {

constexpr int kUnavailable = 503;

}  // namespace

Response healthz_handler(const Call&) {
  return json_response({{"status", "ok"}});
}

Response readyz_handler(const Call& call) {
  bool store = true;
  try {
    call.services.database->ping();
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
  // Of the tenant alone, but to those who run the server.
  const bool every = security::allowed(call.actor, security::Permission::kMetricsReadAll);
  MetricsText metrics;
  call.services.board.each([&](const PipelinePlace& place, const LiveNumbers& numbers) {
    if (every || place.tenant == call.actor.tenant) metrics.add(place, numbers);
  });
  return {.type = "text/plain; version=0.0.4", .body = metrics.text()};
}

Response openapi_yaml_handler(const Call&) {
  return {.type = "application/yaml", .body = std::string(openapi_yaml())};
}

Response openapi_json_handler(const Call&) {
  return {.body = openapi_json()};
}

Response page_handler(const Call& call) {
  if (auto page = web_response(call.request)) return std::move(*page);
  return {.type = "text/html; charset=utf-8",
          .body = "<!doctype html><html lang=\"en\"><title>Millrace</title><h1>Millrace " MILLRACE_VERSION
                  "</h1><p>This program was built without its web page. The API is at <a "
                  "href=\"/api/openapi.json\">/api/openapi.json</a>.</p></html>\n"};
}

}  // namespace millrace::server
