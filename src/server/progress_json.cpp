#include "server/progress_json.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "server/api_json.hpp"
#include "support/json_nullable.hpp"

namespace millrace::server {
namespace {

using nlohmann::ordered_json;

/// Counts are texts: they may pass 2^53.
template <typename Number>
ordered_json count(Number number) {
  return std::to_string(number);
}

template <typename Number>
ordered_json count(const std::optional<Number>& number) {
  return number ? ordered_json(std::to_string(*number)) : ordered_json(nullptr);
}

ordered_json error_json(const std::optional<LastError>& error) {
  if (!error) return nullptr;
  return {{"code", error->code}, {"message", error->message},     {"table", error->table},
          {"lsn", error->lsn},   {"at", rfc3339(error->time_ms)}, {"needsPerson", error->needs_person}};
}

ordered_json load_json(const LiveNumbers& numbers) {
  if (!numbers.loads) return nullptr;
  const auto load = sum_load(numbers);
  return {{"tablesReady", numbers.tables_ready()},
          {"tablesTotal", numbers.tables.size()},
          {"rows", count(load.rows)},
          {"estimatedRows", count(load.estimated_rows)},
          {"rowsPerS", load.rows_per_s},
          {"secondsLeft", nullable(load.seconds_left)}};
}

ordered_json latency_json(const LatencyWindow& window) {
  const auto latency = window.last_minute();
  const auto median = latency.quantile(0.5);
  if (!median) return nullptr;
  return {{"p50", *median}, {"p95", *latency.quantile(0.95)}, {"p99", *latency.quantile(0.99)}};
}

ordered_json stream_json(const LiveNumbers& numbers) {
  if (!numbers.stream) return nullptr;
  const auto& stream = *numbers.stream;
  return {{"appliedLsn", stream.applied.to_string()},   {"receivedLsn", stream.received.to_string()},
          {"lagBytes", count(stream.lag_bytes)},        {"lagS", nullable(stream.lag_s)},
          {"changes", count(numbers.changes.value())},  {"transactions", count(numbers.transactions.value())},
          {"changesPerS", stream.changes_per_s},        {"caughtUp", stream.caught_up},
          {"latencyMs", latency_json(numbers.latency)}, {"lastChangeAt", moment(stream.last_commit_ms)}};
}

ordered_json table_json(const std::string& name, const TableNumbers& table) {
  return {{"table", name},
          {"state", table.state},
          {"rows", count(table.rows)},
          {"estimatedRows", count(table.estimated_rows)},
          {"bytes", count(table.bytes)},
          {"rowsPerS", nullable(table.rows_per_s)},
          {"secondsLeft", nullable(table.seconds_left)},
          {"inserts", count(table.inserts.value())},
          {"updates", count(table.updates.value())},
          {"deletes", count(table.deletes.value())},
          {"truncates", count(table.truncates.value())},
          {"lastChangeAt", moment(table.last_change_ms)}};
}

ordered_json connectors_json(const LiveNumbers& numbers) {
  ordered_json connectors = ordered_json::array();
  for (const auto& connector : numbers.connectors) {
    const auto restarts = numbers.connector_restarts.find(connector.name);
    connectors.push_back(
        connector_json(connector, restarts == numbers.connector_restarts.end() ? 0 : restarts->second));
  }
  return connectors;
}

}  // namespace

ordered_json connector_json(const pipeline::ConnectorStatus& connector, int restarts) {
  ordered_json tasks = ordered_json::array();
  for (const auto& task : connector.tasks) {
    tasks.push_back({{"id", task.id}, {"state", task.state}, {"worker", task.worker}, {"rootCause", task.root_cause}});
  }
  return {{"name", connector.name},   {"kind", connector.kind},
          {"state", connector.state}, {"rootCause", connector.root_cause},
          {"restarts", restarts},     {"tasks", std::move(tasks)}};
}

ordered_json slot_json(const replication::SlotProgress& slot) {
  return {{"name", slot.name},
          {"active", slot.active},
          {"retainedBytes", count(slot.retained_bytes)},
          {"safeBytes", count(slot.safe_bytes)},
          {"limitBytes", count(slot.limit_bytes)},
          {"walStatus", slot.wal_status},
          {"risk", to_word(risk_of(slot))}};
}

ordered_json progress_json(const std::string& pipeline, const LiveNumbers& numbers,
                           const std::set<std::string>* tables) {
  ordered_json list = ordered_json::array();
  for (const auto& [name, table] : numbers.tables) {
    if (tables == nullptr || tables->contains(name)) list.push_back(table_json(name, table));
  }
  return {{"pipeline", pipeline},
          {"time", rfc3339(numbers.taken_ms)},
          {"health", to_word(numbers.health)},
          {"reason", numbers.reason},
          {"since", moment(numbers.since_ms)},
          {"nextAttemptAt", moment(numbers.next_attempt_ms)},
          {"lastError", error_json(numbers.last_error)},
          {"failures", count(numbers.failures)},
          {"restarts", count(numbers.restarts)},
          {"load", load_json(numbers)},
          {"stream", stream_json(numbers)},
          {"slot", numbers.slot ? slot_json(*numbers.slot) : ordered_json(nullptr)},
          {"tables", std::move(list)},
          {"connectors", connectors_json(numbers)}};
}

ordered_json live_json(const LiveNumbers& numbers, std::size_t tables_total) {
  const auto load = sum_load(numbers);
  ordered_json percent = nullptr;
  if (numbers.loads && load.estimated_rows) {
    constexpr double kWhole = 100;
    percent =
        *load.estimated_rows == 0
            ? 0.0
            : std::min(kWhole, kWhole * static_cast<double>(load.rows) / static_cast<double>(*load.estimated_rows));
  }
  const auto& stream = numbers.stream;
  return {{"health", to_word(numbers.health)},
          {"reason", numbers.reason.substr(0, numbers.reason.find('\n'))},
          {"since", moment(numbers.since_ms)},
          {"tablesReady", numbers.tables_ready()},
          {"tablesTotal", std::max(tables_total, numbers.tables.size())},
          {"loadPercent", percent},
          {"secondsLeft", numbers.loads ? nullable(load.seconds_left) : ordered_json(nullptr)},
          {"lagBytes", stream ? count(stream->lag_bytes) : ordered_json(nullptr)},
          {"lagS", stream ? nullable(stream->lag_s) : ordered_json(nullptr)},
          {"changesPerS", stream ? ordered_json(stream->changes_per_s) : ordered_json(nullptr)},
          {"retainedBytes", numbers.slot ? count(numbers.slot->retained_bytes) : ordered_json(nullptr)},
          {"slotRisk", numbers.slot ? ordered_json(to_word(risk_of(*numbers.slot))) : ordered_json(nullptr)},
          {"lastChangeAt", stream ? moment(stream->last_commit_ms) : ordered_json(nullptr)}};
}

}  // namespace millrace::server
