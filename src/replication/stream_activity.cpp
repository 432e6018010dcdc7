#include "replication/stream_activity.hpp"

#include <algorithm>
#include <chrono>

namespace millrace::replication {
namespace {

/// 2000-01-01, where PostgreSQL's time begins, after 1970-01-01.
constexpr std::int64_t kPgEpochUs = 946'684'800LL * 1'000'000;
constexpr std::int64_t kUsPerMs = 1000;

}  // namespace

std::int64_t pg_time_to_unix_ms(std::int64_t us) {
  return (us + kPgEpochUs) / kUsPerMs;
}

std::int64_t pg_now_us() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(now).count() - kPgEpochUs;
}

void StreamActivity::carry(const std::string& table, std::int64_t loaded_rows) {
  const std::lock_guard lock(mutex_);
  auto& activity = tables_[table];
  activity.table = table;
  activity.loaded_rows = loaded_rows;
}

void StreamActivity::applied(const Batch& batch, std::int64_t now_us) {
  const std::lock_guard lock(mutex_);
  for (const auto& [table, counts] : batch.counts) open_[table->source().to_string()] += counts;
  if (!batch.commits) return;
  for (const auto& [table, counts] : open_) {
    auto& activity = tables_[table];
    activity.table = table;
    activity.changes += counts;
    if (batch.commit_time != 0) activity.last_commit_ms = pg_time_to_unix_ms(batch.commit_time);
  }
  open_.clear();
  // A source whose clock runs ahead has no negative latency.
  for (const auto& origin : batch.origins) {
    latency_.add(static_cast<double>(std::max<std::int64_t>(0, now_us - origin.commit_time)) / kUsPerMs);
  }
}

std::vector<TableActivity> StreamActivity::tables() const {
  const std::lock_guard lock(mutex_);
  std::vector<TableActivity> all;
  all.reserve(tables_.size());
  for (const auto& [table, activity] : tables_) all.push_back(activity);
  return all;
}

LatencyCounts StreamActivity::latency() const {
  const std::lock_guard lock(mutex_);
  return latency_;
}

}  // namespace millrace::replication
