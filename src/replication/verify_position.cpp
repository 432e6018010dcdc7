#include "replication/verify_position.hpp"

#include <chrono>

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

Lsn StreamPosition::mark() {
  try {
    return postgres::emit_heartbeat(source_, "millrace.verify");
  } catch (const postgres::QueryError&) {
    // A standby, or no right: the position of now, which the source's other writes will carry past.
    return postgres::read_slot_position(source_, plan_.slot).wal;
  }
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
  while (true) {
    const auto checkpoint = sqlserver::read_checkpoint(target_, plan_.pipeline);
    if (!checkpoint) {
      throw Error(ErrorCode::kPipelineState, "The target does not know this pipeline.", {.pipeline = plan_.pipeline})
          .suggest("It was deleted, or the target's database was replaced: create the pipeline again.");
    }
    if (checkpoint->lsn >= place) return;
    if (nobody_runs()) {
      hooks_.catch_up(stop);
    } else {
      pause.wait(kLook, stop);
    }
    if (stop.stop_requested()) throw Error(ErrorCode::kInterrupted, "The comparison was stopped.");
  }
}

}  // namespace millrace::replication
