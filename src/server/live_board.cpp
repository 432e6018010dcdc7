#include "server/live_board.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "server/progress_json.hpp"
#include "support/unix_time.hpp"

namespace millrace::server {
namespace {

std::string severity_of(Health health) {
  switch (health) {
    case Health::kFailed:
      return "error";
    case Health::kRetrying:
    case Health::kDegraded:
      return "warning";
    default:
      return "info";
  }
}

std::string live_text(const nlohmann::ordered_json& data) {
  return "event: progress\ndata: " + data.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) +
         "\n\n";
}

/// Tables that are not told of any more were taken out of the pipeline.
template <typename Told, typename Gone>
void drop_untold(std::map<std::string, TableNumbers>& tables, const std::vector<Told>& told, const Gone& may_be_gone) {
  std::set<std::string> names;
  for (const auto& table : told) names.insert(table.table);
  std::erase_if(tables, [&](const auto& table) { return !names.contains(table.first) && may_be_gone(table.second); });
}

}  // namespace

LiveBoard::Entry& LiveBoard::touch(const PipelinePlace& place) {
  const auto [found, fresh] = entries_.try_emplace(place);
  auto& entry = found->second;
  if (fresh) {
    if (auto before = failed_before_.extract(place)) entry.failed = std::move(before.mapped());
  }
  entry.numbers.taken_ms = unix_ms();
  entry.dirty = true;
  return entry;
}

void LiveBoard::judge(const PipelinePlace& place, Entry& entry, Health health, const std::string& reason, bool told) {
  auto& numbers = entry.numbers;
  numbers.reason = reason;
  if (health != Health::kRetrying) numbers.next_attempt_ms.reset();
  if (numbers.health == health) return;
  const auto before = std::exchange(numbers.health, health);
  numbers.since_ms = unix_ms();
  const bool moves = health == Health::kRunning || health == Health::kLoading;
  const auto recovered = moves ? std::exchange(entry.failed, std::nullopt) : std::nullopt;
  if (health == Health::kFailed) entry.failed = numbers.last_error ? numbers.last_error->code : "";
  if (told) return;
  // What follows tells more than that a start began, or that nothing is known yet.
  if (health == Health::kStarting || health == Health::kUnknown) return;
  const bool first = before == Health::kUnknown || before == Health::kStarting;
  events_.append({.tenant = place.tenant,
                  .kind = recovered ? "pipeline.recovered" : "pipeline.health",
                  .severity = severity_of(health),
                  .pipeline = place.name,
                  .actor = "millrace",
                  .message = std::string(first ? "is " : std::string("was ") + to_word(before) + ", is ") +
                             to_word(health) + (reason.empty() ? "" : ": " + reason),
                  .code = recovered ? *recovered : entry.failed.value_or("")});
}

void LiveBoard::stored(const PipelinePlace& place, const std::string& state, bool carried) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(place);
  const auto now = found == entries_.end() ? Health::kUnknown : found->second.numbers.health;
  const auto become = [&](Health health, const std::string& reason) {
    if (found != entries_.end() && now == health && found->second.numbers.reason == reason) return;
    auto& entry = touch(place);
    entry.numbers.stream.reset();
    entry.numbers.loads = false;
    judge(place, entry, health, reason);
  };
  if (state == "paused") return become(Health::kPaused, "it was paused; the slot keeps what changes meanwhile");
  if (state == "creating") return become(Health::kStarting, "it is being created");
  if (state == "deleting") return become(Health::kStopped, "it is being deleted");
  if (state == "failed") {
    return become(Health::kFailed, "its creation failed and could not be taken back in full: delete it");
  }
  // An active one that came, or was paused: its watcher tells the rest.
  if (found == entries_.end() || now == Health::kPaused) {
    become(carried ? Health::kStarting : Health::kUnknown, carried ? "" : "nobody in this server watches it");
  }
}

void LiveBoard::failed_before(std::map<PipelinePlace, std::string> codes) {
  const std::lock_guard lock(mutex_);
  failed_before_ = std::move(codes);
}

std::size_t LiveBoard::size() const {
  const std::lock_guard lock(mutex_);
  return entries_.size();
}

void LiveBoard::keep(const std::set<PipelinePlace>& places) {
  const std::lock_guard lock(mutex_);
  std::erase_if(entries_, [&](const auto& entry) { return !places.contains(entry.first); });
}

void LiveBoard::run_began(const PipelinePlace& place) {
  const std::lock_guard lock(mutex_);
  auto& entry = touch(place);
  if (entry.numbers.health == Health::kRetrying) return;
  judge(place, entry, Health::kStarting, "");
}

void LiveBoard::event(const PipelinePlace& place, const replication::RunEvent& event) {
  const bool retries = event.kind == "retry";
  if (!retries && event.kind != "failed") return;
  const std::lock_guard lock(mutex_);
  auto& entry = touch(place);
  entry.numbers.last_error =
      LastError{event.code, event.message, event.table, event.lsn, unix_ms(), /*needs_person=*/!retries};
  entry.numbers.stream.reset();
  entry.numbers.loads = false;
  if (retries) ++entry.numbers.retries;
  if (retries) judge(place, entry, Health::kRetrying, event.message);
}

void LiveBoard::load(const PipelinePlace& place, const std::vector<replication::TableProgress>& tables) {
  const std::lock_guard lock(mutex_);
  auto& entry = touch(place);
  drop_untold(entry.numbers.tables, tables, [](const auto& table) { return table.state != "ready"; });
  std::size_t ready = 0;
  for (const auto& told : tables) {
    auto& table = entry.numbers.tables[told.table];
    table.state = told.state;
    table.rows = told.rows;
    table.estimated_rows = told.estimated_rows >= 0 ? std::optional(told.estimated_rows) : std::nullopt;
    table.bytes = told.bytes;
    table.rows_per_s = told.rows_per_s;
    table.seconds_left = told.seconds_left;
    if (told.state == "ready") ++ready;
    entry.changed.insert(told.table);
  }
  entry.numbers.loads = ready < tables.size();
  // A load beside the stream is no reason to call the pipeline anything but running.
  if (entry.numbers.loads && !entry.numbers.stream) judge(place, entry, Health::kLoading, "");
}

void LiveBoard::stream(const PipelinePlace& place, const replication::StreamProgress& progress) {
  const std::lock_guard lock(mutex_);
  auto& entry = touch(place);
  auto& numbers = entry.numbers;
  drop_untold(numbers.tables, progress.tables, [](const auto& table) { return table.state == "ready"; });
  const bool beside = std::any_of(numbers.tables.begin(), numbers.tables.end(),
                                  [](const auto& table) { return table.second.state == "copying"; });
  for (const auto& told : progress.tables) {
    auto& table = numbers.tables[told.table];
    const bool changed = table.state != "ready" || table.last_change_ms != told.last_commit_ms || table.rows_per_s;
    table.state = "ready";
    table.rows = told.loaded_rows;
    table.inserts.see(told.changes.inserts);
    table.updates.see(told.changes.updates);
    table.deletes.see(told.changes.deletes);
    table.truncates.see(told.changes.truncates);
    if (told.last_commit_ms) table.last_change_ms = told.last_commit_ms;
    if (!beside) {
      table.rows_per_s.reset();
      table.seconds_left.reset();
      table.estimated_rows.reset();
    }
    if (changed) entry.changed.insert(told.table);
  }
  if (!beside) numbers.loads = false;
  numbers.changes.see(progress.changes);
  numbers.transactions.see(progress.transactions);
  numbers.latency.see(progress.latency, numbers.taken_ms);
  numbers.stream = progress;
  numbers.stream->tables.clear();
  judge(place, entry, Health::kRunning, "");
}

void LiveBoard::run_failed(const PipelinePlace& place, const Error& error,
                           std::optional<std::int64_t> next_attempt_ms) {
  const std::lock_guard lock(mutex_);
  auto& entry = touch(place);
  auto& numbers = entry.numbers;
  ++numbers.failures;
  if (next_attempt_ms) ++numbers.restarts;
  numbers.last_error = LastError{std::string(error.info().id), error.message(), error.context().table,
                                 error.context().lsn,          unix_ms(),       !next_attempt_ms};
  numbers.stream.reset();
  numbers.loads = false;
  judge(place, entry, next_attempt_ms ? Health::kRetrying : Health::kFailed, error.message(), true);
  numbers.next_attempt_ms = next_attempt_ms;
}

void LiveBoard::run_ended(const PipelinePlace& place) {
  const std::lock_guard lock(mutex_);
  auto& entry = touch(place);
  entry.numbers.stream.reset();
  entry.numbers.loads = false;
  if (entry.numbers.health != Health::kPaused) judge(place, entry, Health::kStopped, "");
}

void LiveBoard::slot(const PipelinePlace& place, const replication::SlotProgress& progress) {
  const std::lock_guard lock(mutex_);
  touch(place).numbers.slot = progress;
}

void LiveBoard::connectors(const PipelinePlace& place, Health health, const std::string& reason,
                           std::vector<pipeline::ConnectorStatus> connectors, std::map<std::string, int> restarts) {
  const std::lock_guard lock(mutex_);
  auto& entry = touch(place);
  entry.numbers.connectors = std::move(connectors);
  entry.numbers.connector_restarts = std::move(restarts);
  // It was paused after the question was put.
  if (entry.numbers.health != Health::kPaused) judge(place, entry, health, reason);
}

std::optional<LiveNumbers> LiveBoard::find(const PipelinePlace& place) const {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(place);
  if (found == entries_.end()) return std::nullopt;
  return found->second.numbers;
}

std::map<PipelinePlace, LiveNumbers> LiveBoard::all() const {
  const std::lock_guard lock(mutex_);
  std::map<PipelinePlace, LiveNumbers> numbers;
  for (const auto& [place, entry] : entries_) numbers.emplace(place, entry.numbers);
  return numbers;
}

void LiveBoard::each(const std::function<void(const PipelinePlace&, const LiveNumbers&)>& visit) const {
  const std::lock_guard lock(mutex_);
  for (const auto& [place, entry] : entries_) visit(place, entry.numbers);
}

void LiveBoard::publish() {
  const std::lock_guard lock(mutex_);
  std::map<std::string, bool> watched;
  for (auto& [place, entry] : entries_) {
    if (!std::exchange(entry.dirty, false)) continue;
    const auto changed = std::exchange(entry.changed, {});
    const auto known = watched.find(place.tenant);
    const bool seen = known != watched.end()
                          ? known->second
                          : watched.emplace(place.tenant, events_.watched(place.tenant)).first->second;
    if (seen) events_.send_live(place.tenant, live_text(progress_json(place.name, entry.numbers, &changed)));
  }
}

std::string LiveBoard::as_stream(const std::string& tenant) const {
  const std::lock_guard lock(mutex_);
  std::string text;
  for (const auto& [place, entry] : entries_) {
    if (place.tenant == tenant) text += live_text(progress_json(place.name, entry.numbers));
  }
  return text;
}

}  // namespace millrace::server
