#include "manager/pipeline_status.hpp"

#include "manager/plan_pipeline.hpp"
#include "postgres/slot.hpp"
#include "sqlserver/catalog.hpp"
#include "sqlserver/session.hpp"
#include "support/error.hpp"

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

void read_slot(const StoredPipeline& stored, const std::string& slot, PipelineStatus& status) {
  try {
    postgres::Connection source(stored.spec.source);
    const auto facts = postgres::find_slot(source, slot);
    if (!facts) {
      worsen(status, State::kFailed, "the slot " + slot + " does not exist: changes since it vanished are missing");
      return;
    }
    status.slot_lag_bytes = facts->lag_bytes;
    status.slot_retained_bytes = facts->retained_bytes;
    status.slot_wal_status = facts->wal_status;
    status.slot_active = facts->active;
    if (facts->wal_status == "lost") {
      worsen(status, State::kFailed, "PostgreSQL invalidated the slot " + slot + ": changes are missing");
    } else if (!facts->active && status.state == State::kRunning) {
      worsen(status, State::kDegraded, "nobody reads the slot " + slot);
    }
  } catch (const Error& error) {
    status.warnings.push_back("source: " + error.message());
  }
}

void read_rows(const StoredPipeline& stored, PipelineStatus& status) {
  try {
    sqlserver::Session target(stored.spec.target);
    for (std::size_t i = 0; i < stored.resources.routes.size() && i < status.tables.size(); ++i) {
      const auto& name = stored.resources.routes[i].target;
      if (!sqlserver::read_table(target, name)) {
        worsen(status, State::kFailed, "the target table " + name.to_string() + " does not exist");
        continue;
      }
      status.tables[i].target_rows = sqlserver::count_rows(target, name);
    }
  } catch (const Error& error) {
    status.warnings.push_back("target: " + error.message());
  }
}

}  // namespace

PipelineStatus read_status(const StoredPipeline& stored, pipeline::Engine& engine, const std::stop_token& stop) {
  const auto plan = stored_plan(stored);
  PipelineStatus status;
  status.pipeline = stored.name;
  for (const auto& route : stored.resources.routes) {
    status.tables.push_back(
        {.source = route.source.to_string(), .target = route.target.to_string(), .topic = route.topic});
  }
  if (stored.resources.connectors) engine.fill_status(plan, status, stop);
  check_stop(stop);
  if (stored.resources.connectors) read_slot(stored, plan.names.slot, status);
  read_rows(stored, status);
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
