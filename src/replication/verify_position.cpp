#include "replication/verify_position.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "postgres/heartbeat.hpp"
#include "postgres/slot_guard.hpp"
#include "sqlserver/state_tables.hpp"
#include "support/error.hpp"
#include "support/retry.hpp"

namespace millrace::replication {
namespace {

constexpr Milliseconds kLook{250};
/// A runner touches its checkpoint every ten seconds; between two attempts it may be silent for longer.
constexpr std::int64_t kSilentSeconds = 90;

}  // namespace

StreamPosition::StreamPosition(const RunPlan& plan, const VerifyHooks& hooks)
    : plan_(plan), hooks_(hooks), source_(plan.source), target_(plan.target) {}

const char* StreamPosition::snapshot_sql() {
  // On a standby transactions that are under way are not all in it.
  return "SELECT CASE WHEN pg_is_in_recovery() THEN '' ELSE txid_current_snapshot()::text END";
}

/// The position after the snapshot: what the snapshot sees has committed before it.
StreamPosition::Place StreamPosition::now() {
  Place place;
  place.snapshot = source_.query(snapshot_sql()).text(0, 0);
  place.lsn = postgres::read_slot_position(source_, plan_.slot).wal;
  return place;
}

Lsn StreamPosition::mark(const std::string& snapshot) {
  if (snapshot.empty()) {
    known_ = now();
  } else if (snapshot != known_.snapshot) {
    known_ = {snapshot, postgres::read_slot_position(source_, plan_.slot).wal};
  }
  return known_.lsn;
}

bool StreamPosition::nobody_runs() {
  if (postgres::read_slot_position(source_, plan_.slot).active) return false;
  if (const auto known = hooks_.runs()) return !*known;
  const auto silent = target_.query(
      "SELECT DATEDIFF_BIG(second, updated_at, SYSUTCDATETIME()) FROM [millrace].[checkpoint] WHERE pipeline = ?",
      {plan_.pipeline});
  return !silent.empty() && std::stoll(silent.at(0).at(0).value()) > kSilentSeconds;
}

void StreamPosition::wait(Lsn place, const std::stop_token& stop) {
  ClockPause pause;
  bool nudged = false;
  while (true) {
    const auto checkpoint = sqlserver::read_checkpoint(target_, plan_.pipeline);
    if (!checkpoint) {
      throw Error(ErrorCode::kPipelineState, "The target does not know this pipeline.", {.pipeline = plan_.pipeline})
          .suggest("It was deleted, or the target's database was replaced: create the pipeline again.");
    }
    if (checkpoint->lsn >= place) return;
    if (nobody_runs()) {
      hooks_.catch_up(stop);
      known_ = now();
    } else {
      if (!std::exchange(nudged, true)) place = std::max(place, nudge());
      pause.wait(kLook, stop);
    }
    if (stop.stop_requested()) throw Error(ErrorCode::kInterrupted, "The comparison was stopped.");
  }
}

/// A quiet source: something has to pass the stream for the checkpoint to move. It is waited for too, as its own
/// transaction is one more that later snapshots see.
Lsn StreamPosition::nudge() {
  try {
    postgres::emit_heartbeat(source_, postgres::kWaitedForPrefix);
    return mark();
  } catch (const postgres::QueryError&) {
    // A standby, or no right: the source's other writes will carry the stream past the place.
    return {};
  }
}

}  // namespace millrace::replication
