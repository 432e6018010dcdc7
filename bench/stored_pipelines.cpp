#include "stored_pipelines.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "manager/registry.hpp"
#include "pipeline/names.hpp"
#include "pipeline/spec_json.hpp"
#include "store/events.hpp"
#include "store/metric_history.hpp"
#include "support/unix_time.hpp"

namespace millrace::bench {
namespace {

constexpr std::int64_t kSampleMs = 10'000;

void add_history(store::Session& session, const std::string& name, long events, long samples) {
  const auto now = unix_ms() / kSampleMs * kSampleMs;
  store::Events log(session);
  for (long i = 0; i < events; ++i) {
    log.append({.tenant = store::kDefaultTenant,
                .pipeline = name,
                .kind = i % 2 == 0 ? "pipeline.health" : "connector.restarted",
                .severity = i % 2 == 0 ? "info" : "warning",
                .actor = "millrace",
                .message = "was running, is degraded: task 0 of " + name + "-sink is UNASSIGNED",
                .details = {},
                .time_ms = now - (events - i) * kSampleMs});
  }
  store::MetricHistory history(session);
  for (long i = 0; i < samples; ++i) {
    history.add(store::kDefaultTenant, name,
                {.time_ms = now - i * kSampleMs, .lag_bytes = 4096.0, .lag_seconds = 0.1, .retained_bytes = 1048576.0});
  }
}

}  // namespace

std::string store_pipelines(const std::string& source_url, const std::string& target_url, const Arguments& arguments) {
  const auto begun = std::chrono::steady_clock::now();
  const char* location = std::getenv("MILLRACE_BENCH_STORE");
  const auto workspace = manager::open_workspace(arguments.text("data"), location == nullptr ? "" : location);
  manager::Registry registry(workspace);
  const auto count = arguments.number("count");
  for (long number = 0; number < count; ++number) {
    const auto name = fmt::format("BENCH_{:04}", number);
    manager::Resources resources{.slot = true, .publication = true, .connectors = true, .loaded = true};
    nlohmann::json tables = nlohmann::json::array();
    for (long i = 0; i < arguments.number("tables"); ++i) {
      const auto table = fmt::format("orders_{}", i);
      tables.push_back(table);
      resources.routes.push_back({{"public", table}, {"dbo", table}, name + ".public." + table, {"id"}});
    }
    const auto spec = pipeline::spec_from_json({{"name", name},
                                                {"engine", "kafka-connect"},
                                                {"source", {{"url", source_url}}},
                                                {"target", {{"url", target_url}}},
                                                {"tables", std::move(tables)},
                                                {"kafka_connect", {{"url", arguments.text("connect")}}}});
    registry.reserve(name, spec);
    registry.save(name, "active", resources);
    workspace.database->write([&](store::Session& session) {
      add_history(session, name, arguments.number("events"), arguments.number("samples"));
    });
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
  return nlohmann::json{{"pipelines", count}, {"seconds", took.count()}}.dump();
}

}  // namespace millrace::bench
