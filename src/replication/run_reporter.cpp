#include "replication/run_reporter.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace millrace::replication {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::milliseconds kTick{1000};
constexpr std::chrono::milliseconds kRestBetweenReports{30'000};

}  // namespace

RunReporter::RunReporter(RunObserver& observer, SharedTicker* ticker)
    : observer_(observer),
      last_(steady_clock::now()),
      ticker_(ticker != nullptr ? *ticker : own_ticker_.emplace()),
      ticks_(ticker_.add([this] { return report(); }, kTick)) {}

RunReporter::~RunReporter() {
  ticker_.remove(ticks_);
}

std::chrono::milliseconds RunReporter::report() {
  const std::lock_guard lock(mutex_);
  tick();
  // Who stirs while this looks finds it resting, or is found here.
  if (stirred_.exchange(false)) rests_ = false;
  return rests_ ? kRestBetweenReports : kTick;
}

void RunReporter::stir() {
  stirred_ = true;
  if (!rests_.exchange(false)) return;
  {
    // Told a second after the first change, and as that second's.
    const std::lock_guard lock(mutex_);
    last_ = steady_clock::now();
  }
  ticker_.call_in(ticks_, kTick);
}

void RunReporter::event(const RunEvent& event) {
  const std::lock_guard lock(mutex_);
  observer_.event(event);
}

void RunReporter::quarantined(const std::vector<PoisonRow>& rows) {
  constexpr std::size_t kTold = 20;
  for (std::size_t i = 0; i < rows.size() && i < kTold; ++i) {
    const auto& row = rows[i];
    event({RunEvent::Severity::kWarning, "row.quarantined", row.source.to_string(),
           fmt::format("{}{}{} put aside into millrace.quarantine: {}", row.op, row.key_text.empty() ? "" : " of row ",
                       row.key_text, row.reason),
           row.lsn.to_string()});
  }
  if (rows.size() <= kTold) return;
  event({RunEvent::Severity::kWarning, "row.quarantined", "",
         fmt::format("{} more rows of the same batch put aside into millrace.quarantine", rows.size() - kTold), ""});
}

void RunReporter::loading(std::vector<TableProgress> tables, std::vector<std::shared_ptr<LoadCounters>> counters) {
  stir();
  const std::lock_guard lock(mutex_);
  tables_ = std::move(tables);
  load_ = std::move(counters);
  rows_before_.assign(load_.size(), 0);
  last_ = steady_clock::now();
}

void RunReporter::table_state(const std::string& table, const std::string& state) {
  const std::lock_guard lock(mutex_);
  for (auto& progress : tables_) {
    if (progress.table == table) progress.state = state;
  }
}

void RunReporter::loaded() {
  const std::lock_guard lock(mutex_);
  if (!load_.empty()) tick_load(std::max(1e-3, std::chrono::duration<double>(steady_clock::now() - last_).count()));
  load_.clear();
  tables_.clear();
}

void RunReporter::streaming(std::shared_ptr<StreamCounters> counters) {
  stir();
  const std::lock_guard lock(mutex_);
  // A load's last numbers, whatever the clock says.
  if (!load_.empty()) tick();
  load_.clear();
  tables_.clear();
  stream_ = std::move(counters);
  changes_before_ = 0;
  batches_before_ = 0;
  apply_us_before_ = 0;
  last_ = steady_clock::now();
}

void RunReporter::idle() {
  const std::lock_guard lock(mutex_);
  if (stream_ || !load_.empty()) tick();
  load_.clear();
  tables_.clear();
  stream_.reset();
}

void RunReporter::source_position(Lsn lsn) {
  const std::lock_guard lock(mutex_);
  source_position_ = std::max(source_position_, lsn);
}

void RunReporter::slot(const SlotProgress& progress) {
  const std::lock_guard lock(mutex_);
  observer_.slot_progress(progress);
}

void RunReporter::tick() {
  const auto now = steady_clock::now();
  const double seconds = std::max(1e-3, std::chrono::duration<double>(now - last_).count());
  last_ = now;
  rests_ = false;
  stirred_ = false;
  if (!load_.empty()) tick_load(seconds);
  if (stream_) tick_stream(seconds);
}

void RunReporter::tick_load(double seconds) {
  for (std::size_t i = 0; i < load_.size(); ++i) {
    auto& table = tables_[i];
    table.rows = load_[i]->rows.load(std::memory_order_relaxed);
    table.bytes = load_[i]->bytes.load(std::memory_order_relaxed);
    table.rows_per_s = static_cast<double>(table.rows - std::exchange(rows_before_[i], table.rows)) / seconds;
    table.seconds_left.reset();
    if (table.rows_per_s > 0 && table.estimated_rows >= table.rows) {
      table.seconds_left =
          static_cast<std::int64_t>(static_cast<double>(table.estimated_rows - table.rows) / table.rows_per_s);
    }
  }
  observer_.load_progress(tables_);
}

void RunReporter::tick_stream(double seconds) {
  StreamProgress progress;
  // What came behind the checkpoint of a stream that rests had nothing to apply.
  progress.applied = Lsn(std::max(stream_->applied_lsn.load(), stream_->passed_lsn.load()));
  progress.received = Lsn(stream_->received_lsn.load());
  const auto end = std::max(progress.received, source_position_);
  progress.lag_bytes = end > progress.applied ? static_cast<std::int64_t>(end.value() - progress.applied.value()) : 0;
  progress.changes = stream_->changes.load();
  progress.transactions = stream_->transactions.load();
  const auto changes = progress.changes - std::exchange(changes_before_, progress.changes);
  progress.changes_per_s = static_cast<double>(changes) / seconds;
  const auto oldest = stream_->oldest_pending.load();
  // Everything that came was applied, and what the source wrote since (of other tables) is on its way to be passed.
  progress.caught_up = oldest == 0 && progress.received.value() > 0;
  // A source whose clock runs ahead has no negative lag.
  progress.lag_s = oldest == 0 ? 0.0 : std::max(0.0, static_cast<double>(pg_now_us() - oldest) / 1e6);
  if (const auto commit = stream_->commit_time.load(); commit != 0)
    progress.last_commit_ms = pg_time_to_unix_ms(commit);
  progress.tables = stream_->activity.tables();
  progress.latency = stream_->activity.latency();
  const auto batches = stream_->batches.load();
  const auto apply_us = stream_->apply_us.load();
  const auto applied = batches - std::exchange(batches_before_, batches);
  const auto spent_us = apply_us - std::exchange(apply_us_before_, apply_us);
  rests_ = load_.empty() && progress.caught_up && changes == 0;
  if (applied > 0) progress.apply_ms = static_cast<double>(spent_us) / 1e3 / static_cast<double>(applied);
  observer_.stream_progress(progress);
}

}  // namespace millrace::replication
