#include "server/live_numbers.hpp"

#include <algorithm>

namespace millrace::server {
namespace {

constexpr std::int64_t kWindowMs = 60'000;
constexpr std::int64_t kBetweenMs = 5'000;
/// Shares of max_slot_wal_keep_size that are left.
constexpr std::int64_t kWarnPercent = 50;
constexpr std::int64_t kAlarmPercent = 20;

replication::LatencyCounts sum(const replication::LatencyCounts& left, const replication::LatencyCounts& right) {
  replication::LatencyCounts both = left;
  for (std::size_t i = 0; i < both.counts.size(); ++i) both.counts[i] += right.counts[i];
  both.sum_ms += right.sum_ms;
  return both;
}

}  // namespace

const char* to_word(Health health) {
  switch (health) {
    case Health::kUnknown:
      return "unknown";
    case Health::kStarting:
      return "starting";
    case Health::kLoading:
      return "loading";
    case Health::kRunning:
      return "running";
    case Health::kRetrying:
      return "retrying";
    case Health::kPaused:
      return "paused";
    case Health::kStopped:
      return "stopped";
    case Health::kDegraded:
      return "degraded";
    case Health::kFailed:
      return "failed";
  }
  return "unknown";
}

const char* to_word(SlotRisk risk) {
  switch (risk) {
    case SlotRisk::kOk:
      return "ok";
    case SlotRisk::kWarning:
      return "warning";
    case SlotRisk::kAlarm:
      return "alarm";
    case SlotRisk::kLost:
      return "lost";
  }
  return "ok";
}

SlotRisk risk_of(const replication::SlotProgress& slot) {
  if (slot.wal_status == "lost") return SlotRisk::kLost;
  if (slot.wal_status == "unreserved") return SlotRisk::kAlarm;
  if (!slot.safe_bytes) return SlotRisk::kOk;
  const auto budget = *slot.safe_bytes + slot.retained_bytes;
  if (budget <= 0) return SlotRisk::kAlarm;
  const auto left = *slot.safe_bytes * 100 / budget;
  if (left < kAlarmPercent) return SlotRisk::kAlarm;
  return left < kWarnPercent ? SlotRisk::kWarning : SlotRisk::kOk;
}

void RunningTotal::see(std::uint64_t count) {
  if (count < last_) before_ += last_;
  last_ = count;
}

void LatencyWindow::see(const replication::LatencyCounts& counts, std::int64_t now_ms) {
  if (!seen_.empty() && counts.total() < seen_.back().second.total()) {
    before_ = sum(before_, seen_.back().second);
    seen_.clear();
  }
  // Before the first look nothing had been counted.
  if (seen_.empty()) seen_.emplace_back(now_ms - kBetweenMs, replication::LatencyCounts{});
  if (seen_.size() > 1 && now_ms - seen_[seen_.size() - 2].first < kBetweenMs) {
    seen_.back() = {now_ms, counts};
  } else {
    seen_.emplace_back(now_ms, counts);
  }
  while (seen_.size() > 2 && now_ms - seen_[1].first >= kWindowMs) seen_.pop_front();
}

replication::LatencyCounts LatencyWindow::last_minute() const {
  return seen_.empty() ? replication::LatencyCounts{} : seen_.back().second.since(seen_.front().second);
}

replication::LatencyCounts LatencyWindow::all() const {
  return seen_.empty() ? before_ : sum(before_, seen_.back().second);
}

std::size_t LiveNumbers::tables_ready() const {
  return static_cast<std::size_t>(
      std::count_if(tables.begin(), tables.end(), [](const auto& table) { return table.second.state == "ready"; }));
}

LoadNumbers sum_load(const LiveNumbers& numbers) {
  LoadNumbers load;
  bool estimated = true;
  std::int64_t estimate = 0;
  for (const auto& [name, table] : numbers.tables) {
    // Tables that an earlier load made ready have no rate.
    if (!table.rows_per_s) continue;
    const auto rows = table.rows.value_or(0);
    load.rows += rows;
    load.bytes += table.bytes.value_or(0);
    load.rows_per_s += *table.rows_per_s;
    if (table.state == "ready") {
      estimate += rows;
    } else if (table.estimated_rows) {
      estimate += std::max(rows, *table.estimated_rows);
    } else {
      estimated = false;
    }
  }
  if (!estimated) return load;
  load.estimated_rows = estimate;
  if (load.rows_per_s > 0) {
    load.seconds_left = static_cast<std::int64_t>(static_cast<double>(estimate - load.rows) / load.rows_per_s);
  }
  return load;
}

}  // namespace millrace::server
