#include "manager/pipeline_status.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "manager/plan_pipeline.hpp"
#include "manager/run_facts.hpp"
#include "pipeline/words.hpp"
#include "postgres/slot.hpp"
#include "sqlserver/catalog.hpp"
#include "sqlserver/session.hpp"
#include "support/error.hpp"
#include "support/unix_time.hpp"

namespace millrace::manager {
namespace {

using pipeline::PipelineStatus;
using pipeline::State;

/// A worse state wins over what was known; the first reason for it is kept.
void worsen(PipelineStatus& status, State state, const std::string& reason) {
  if (status.state == State::kFailed) return;
  status.state = state;
  status.reason = reason;
}

std::string load_phase(const PipelineStatus& status) {
  std::size_t ready = 0;
  std::size_t known = 0;
  for (const auto& table : status.tables) {
    if (table.load_state.empty()) continue;
    ++known;
    if (table.load_state == "ready") ++ready;
  }
  return ready == known ? "" : fmt::format("loading: {} of {} table(s) ready", ready, known);
}

/// The state of a pipeline that a process of its own runs, by what that process said last.
void judge_run(const StoredPipeline& stored, const std::optional<store::RunRecord>& run, PipelineStatus& status) {
  if (status.state == State::kFailed) return;
  const bool runs = run && alive(*run, unix_ms());
  if (run) status.process = run->process;
  if (stored.state == "paused") {
    status.state = State::kPaused;
    status.reason = runs ? "the process that runs it is ending" : "`millrace resume " + stored.name + "` lets it go on";
  } else if (runs) {
    status.state = State::kRunning;
    status.reason = load_phase(status);
    const auto progress = parse_progress(run->progress);
    for (auto& table : status.tables) {
      for (const auto& load : progress.tables) {
        if (load.table != table.source) continue;
        table.loaded_rows = load.rows;
        if (load.estimated_rows >= 0) table.estimated_rows = load.estimated_rows;
      }
    }
    if (progress.stream) {
      status.apply_lag_s = progress.stream->lag_s;
      status.changes_per_s = progress.stream->changes_per_s;
      // The checkpoint of a stream that rests is not moved for what had nothing to apply.
      const auto recorded = Lsn::parse(status.applied_lsn);
      if (recorded && *recorded < progress.stream->applied) status.applied_lsn = progress.stream->applied.to_string();
    }
  } else if (run && !run->error.empty()) {
    status.state = State::kFailed;
    status.reason = error_line(run->error);
  } else {
    status.state = State::kStopped;
    const bool died = run && !run->ended_ms;
    status.reason = std::string(died ? "its process ended without a word" : "not running") + ": start `millrace run " +
                    stored.name + "`";
  }
}

void read_slot(const StoredPipeline& stored, const std::string& slot, bool runs_in_process,
               pipeline::TenantSessions& sessions, PipelineStatus& status) {
  try {
    const auto facts = sessions.ask(stored.spec.source,
                                    [&](postgres::Connection& source) { return postgres::find_slot(source, slot); });
    if (!facts) {
      worsen(status, State::kFailed, "the slot " + slot + " does not exist: changes since it vanished are missing");
      return;
    }
    status.slot_lag_bytes = facts->lag_bytes;
    status.slot_retained_bytes = facts->retained_bytes;
    status.slot_wal_status = facts->wal_status;
    status.slot_active = facts->active;
    const auto applied = Lsn::parse(status.applied_lsn);
    if (applied && facts->confirmed_flush) {
      const auto written = static_cast<std::int64_t>(facts->confirmed_flush->value()) + facts->lag_bytes;
      status.apply_lag_bytes = std::max<std::int64_t>(0, written - static_cast<std::int64_t>(applied->value()));
    }
    if (facts->wal_status == "lost") {
      worsen(status, State::kFailed, "PostgreSQL invalidated the slot " + slot + ": changes are missing");
    } else if (!facts->active && status.state == State::kRunning && !runs_in_process) {
      worsen(status, State::kDegraded, "nobody reads the slot " + slot);
    }
  } catch (const Error& error) {
    status.warnings.push_back("source: " + error.message());
  }
}

void read_rows(const StoredPipeline& stored, pipeline::TenantSessions& sessions, PipelineStatus& status) {
  try {
    std::vector<schema::TableName> names;
    names.reserve(stored.resources.routes.size());
    for (const auto& route : stored.resources.routes) names.push_back(route.target);
    const auto rows = sessions.ask(stored.spec.target,
                                   [&](sqlserver::Session& target) { return sqlserver::estimate_rows(target, names); });
    for (std::size_t i = 0; i < rows.size() && i < status.tables.size(); ++i) {
      status.tables[i].target_rows = rows[i];
      if (!rows[i]) worsen(status, State::kFailed, "the target table " + names[i].to_string() + " does not exist");
    }
  } catch (const Error& error) {
    status.warnings.push_back("target: " + error.message());
  }
}

}  // namespace

PipelineStatus read_status(const StoredPipeline& stored, const std::optional<store::RunRecord>& run,
                           pipeline::Engine& engine, pipeline::TenantSessions sessions, const std::stop_token& stop) {
  const auto plan = stored_plan(stored);
  PipelineStatus status;
  status.pipeline = stored.name;
  status.engine = pipeline::to_word(stored.spec.engine);
  const bool in_process = engine.traits(stored.spec).runs_in_process;
  for (const auto& route : stored.resources.routes) {
    status.tables.push_back(
        {.source = route.source.to_string(), .target = route.target.to_string(), .topic = route.topic});
  }
  if (stored.resources.connectors) engine.fill_status(plan, status, sessions, stop);
  if (in_process) judge_run(stored, run, status);
  check_stop(stop);
  if (stored.resources.connectors) read_slot(stored, plan.names.slot, in_process, sessions, status);
  read_rows(stored, sessions, status);
  if (stored.state == "creating")
    worsen(status, State::kCreating, "it is being created, or the process that did ended");
  if (stored.state == "deleting") worsen(status, State::kDeleting, "a delete did not come to its end: run it again");
  if (stored.state == "failed") {
    status.state = State::kFailed;
    status.reason = "its creation failed and could not be taken back in full: run `millrace delete`";
  }
  return status;
}

}  // namespace millrace::manager
