#include "replication/runner.hpp"

#include <algorithm>
#include <utility>

#include "replication/event_log.hpp"
#include "replication/run_attempt.hpp"
#include "replication/run_reporter.hpp"
#include "replication/shape_json.hpp"
#include "replication/stage_cleanup.hpp"
#include "replication/table_binding.hpp"
#include "sqlserver/session.hpp"
#include "sqlserver/state_tables.hpp"
#include "support/error.hpp"
#include "support/retry.hpp"

namespace millrace::replication {
namespace {

constexpr Milliseconds kFirstPause{500};
constexpr Milliseconds kLongestPause{60'000};
/// Slow enough for rules that lock a user out after some failures in a row.
constexpr Milliseconds kLoginPause{60'000};

/// A password that was changed on a server is changed here by somebody soon, or back: the data waits for that.
bool login_refused(const Error& error) {
  return error.code() == ErrorCode::kSourceAuth || error.code() == ErrorCode::kTargetAuth;
}

RunEvent failure_event(RunEvent::Severity severity, const std::string& kind, const Error& error) {
  std::string text = error.message();
  if (!error.cause().empty()) text += " (" + error.cause() + ")";
  for (const auto& line : error.notes()) text += "; " + line;
  return {severity, kind, error.context().table, std::move(text), error.context().lsn, std::string(error.info().id)};
}

/// In front of which change the run stops.
RunEvent stop_event(const Error& error) {
  auto event = failure_event(RunEvent::Severity::kError, kSchemaStopped, error);
  if (!error.context().column.empty()) event.message = "column " + error.context().column + ": " + event.message;
  event.message += " " + error.suggestion();
  return event;
}

}  // namespace

std::string start_key(const SourceEndpoint& source, const TargetEndpoint& target) {
  return source.host + ':' + std::to_string(source.port) + ' ' + target.host + ':' + std::to_string(target.port);
}

void run_pipeline(const RunPlan& plan, const RunOptions& options, RunObserver& observer, const std::stop_token& stop) {
  EventLog log(observer, plan.target, plan.pipeline, options.sessions);
  RunReporter reporter(log, options.ticker);
  ClockPause pause;
  Backoff backoff(kFirstPause, kLongestPause);
  std::optional<Lsn> until;
  AttemptMemory memory;
  std::int64_t own_fence = 0;
  std::int64_t& fence = options.fence == nullptr ? own_fence : *options.fence;
  while (true) {
    bool slowly = false;
    RunAttempt attempt(plan, options, reporter, until, memory, fence);
    try {
      attempt.run(stop);
      return;
    } catch (const Error& error) {
      reporter.idle();
      if (stop.stop_requested() && error.code() == ErrorCode::kInterrupted) return;
      if (attempt.wants_care()) {
        reporter.event(failure_event(RunEvent::Severity::kWarning, "retry", error));
        continue;
      }
      if (error.code() == ErrorCode::kPlanOutdated) {
        reporter.event(failure_event(RunEvent::Severity::kWarning, "retry", error));
        throw;
      }
      if (error.code() == ErrorCode::kRowsUntold) throw;
      slowly = login_refused(error) && !options.until_caught_up;
      if (!error.retriable() && !slowly) {
        if (error.code() == ErrorCode::kSchemaChanged) reporter.event(stop_event(error));
        reporter.event(failure_event(RunEvent::Severity::kError, "failed", error));
        throw;
      }
      if (attempt.progressed()) backoff.reset();
      reporter.event(failure_event(RunEvent::Severity::kWarning, "retry", error));
    }
    if (!pause.wait(slowly ? kLoginPause : backoff.next(), stop)) return;
  }
}

void provision_target(const RunPlan& plan, const std::string& system_identifier, Lsn start) {
  sqlserver::Session target(plan.target);
  sqlserver::ensure_state_schema(target);
  sqlserver::create_checkpoint(
      target, {.pipeline = plan.pipeline, .system_identifier = system_identifier, .slot = plan.slot, .lsn = start});
  for (const auto& table : plan.tables) {
    sqlserver::TableState state{.source = table.source.name,
                                .target = table.target.name,
                                .state = plan.load ? "pending" : "ready",
                                .shape = to_json_text({table, stream_key(table), 1})};
    sqlserver::save_table_state(target, plan.pipeline, 0, state);
  }
}

void unprovision_target(const TargetEndpoint& endpoint, const std::string& pipeline) {
  sqlserver::Session target(endpoint);
  if (!sqlserver::read_checkpoint(target, pipeline)) return sqlserver::remove_pipeline(target, pipeline, {});
  drop_all_stages(target, pipeline);
  sqlserver::remove_pipeline(target, pipeline, {});
}

StoredProgress read_progress(const TargetEndpoint& endpoint, const std::string& pipeline) {
  sqlserver::Session target(endpoint);
  return read_progress(target, pipeline);
}

StoredProgress read_progress(sqlserver::Session& target, const std::string& pipeline) {
  const auto checkpoint = sqlserver::read_checkpoint(target, pipeline);
  if (!checkpoint) return {};
  StoredProgress progress{.known = true,
                          .lsn = checkpoint->lsn,
                          .fence = checkpoint->fence,
                          .commit_ms = checkpoint->commit_ms,
                          .updated_ms = checkpoint->updated_ms};
  for (const auto& state : sqlserver::read_table_states(target, pipeline)) {
    progress.tables.push_back({.source = state.source,
                               .target = state.target,
                               .state = state.state,
                               .snapshot_lsn = state.snapshot_lsn,
                               .loaded_rows = state.loaded_rows});
  }
  return progress;
}

}  // namespace millrace::replication
