#include "replication/run_load.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "postgres/replication_connection.hpp"
#include "replication/apply_sql.hpp"
#include "replication/changed_tables.hpp"
#include "replication/quarantine.hpp"
#include "replication/source_catalog.hpp"
#include "replication/table_swap.hpp"
#include "support/error.hpp"
#include "support/failpoint.hpp"

namespace millrace::replication {
namespace {

using Severity = RunEvent::Severity;

}  // namespace

RunLoad::RunLoad(const RunPlan& plan, RunReporter& reporter, sqlserver::Session& target, std::int64_t fence,
                 std::vector<BoundTable>& tables, AttemptMemory& memory, AttemptOutcome& outcome)
    : plan_(plan),
      reporter_(reporter),
      target_(target),
      fence_(fence),
      tables_(tables),
      memory_(memory),
      outcome_(outcome) {}

void RunLoad::tell(Severity severity, const std::string& kind, const std::string& table, const std::string& message) {
  reporter_.event({severity, kind, table, message, ""});
}

void RunLoad::save(BoundTable& table, const std::string& state) {
  table.state.state = state;
  sqlserver::change_table_state(target_, plan_.pipeline, fence_, table.state);
  reporter_.table_state(table.state.source.to_string(), state);
}

void RunLoad::prepare_table(BoundTable& table, Lsn snapshot_lsn) {
  const std::lock_guard lock(target_mutex_);
  const auto& name = table.binding->target();
  const bool begun_before = table.state.state == "copying";
  const bool holds_rows = !target_.query("SELECT TOP (1) 1 FROM " + schema::quote_mssql(name)).empty();
  const bool swaps = holds_rows && plan_.load_policy == LoadPolicy::kSwap && table.state.detail != kHalfLoaded;
  if (swaps) require_swappable(target_, table.binding->plan());
  if (holds_rows && !begun_before && plan_.load_policy == LoadPolicy::kFail) {
    throw Error(ErrorCode::kTargetDrift, "The target table " + name.to_string() + " is not empty.",
                {.table = table.binding->source().to_string()})
        .suggest("Empty it, or let the load do so: --load-policy truncate.");
  }
  drop_beside(target_, plan_.pipeline, table.binding->source(), name);
  table.binding->set_load_target(std::nullopt);
  if (swaps) make_beside(target_, plan_.pipeline, *table.binding);
  // Said before the first row is written: whoever comes after a crash knows that the rows are half a load.
  table.state.snapshot_lsn = snapshot_lsn;
  table.state.loaded_rows = 0;
  table.state.detail = swaps ? "" : kHalfLoaded;
  // The copy refuses any other file than the snapshot's, so that these are the files it reads.
  if (rewrites_seen_ || table.binding->plan().source.partitioned) {
    table.binding->set_files(catalog_->files(table.binding->plan().source.oid));
  }
  table.state.shape = to_json_text(table.binding->shape());
  save(table, "copying");
  hit(Failpoint::kLoadMarked);
  execute_fenced(clear_quarantine_sql(plan_.pipeline, table.binding->source()));
  if (holds_rows && !swaps) target_.execute(truncate_sql(name, table.referenced).text);
}

void RunLoad::finish_table(BoundTable& table, std::int64_t rows) {
  const std::lock_guard lock(target_mutex_);
  table.state.loaded_rows = rows;
  hit(Failpoint::kLoadCopied);
  table.state.detail.clear();
  if (table.binding->loads_beside()) {
    swap(table);
  } else {
    save(table, "ready");
  }
  hit(Failpoint::kLoadReady);
  outcome_.progressed = true;
  tell(Severity::kInfo, "load.table_finished", table.state.source.to_string(),
       fmt::format("{} rows loaded", table.state.loaded_rows));
}

/// Ready and in its place at once: after a crash the table is what its state says.
void RunLoad::swap(BoundTable& table) {
  table.state.state = "ready";
  const auto ready = sqlserver::change_table_state_statement(plan_.pipeline, fence_, table.state);
  try {
    target_.execute("SET XACT_ABORT ON; BEGIN TRANSACTION;");
    target_.execute(ready.sql, ready.parameters);
    target_.execute(swap_sql(*table.binding));
    hit(Failpoint::kLoadSwapped);
    target_.execute("COMMIT TRANSACTION; SET XACT_ABORT OFF;");
  } catch (const sqlserver::QueryError& error) {
    target_.rollback_quietly();
    table.state.state = "copying";
    if (error.number() == sqlserver::kFencedOff) throw fenced_off();
    if (error.number() == sqlserver::kStateGone) throw sqlserver::state_gone(plan_.pipeline, table.state.source);
    if (error.number() != kSwapRefused) throw;
    require_swappable(target_, table.binding->plan());
    throw;
  }
  table.binding->set_load_target(std::nullopt);
  reporter_.table_state(table.state.source.to_string(), "ready");
}

void RunLoad::run(const Loaded& loaded, const std::stop_token& stop) {
  std::vector<TableLoad> loads;
  std::vector<TableProgress> progress;
  std::vector<std::shared_ptr<LoadCounters>> counters;
  Lsn snapshot_lsn;
  for (auto& table : tables_) {
    if (table.state.state == "ready") continue;
    TableLoad load{.table = table.binding};
    load.prepare = [this, &table, &snapshot_lsn] { prepare_table(table, snapshot_lsn); };
    load.finished = [this, &table, &loaded](std::int64_t rows) { loaded(table, rows - refused_rows(*table.binding)); };
    load.unfit = [this, &table](const pgoutput::Tuple& row, const Error& error) {
      set_aside(*table.binding, key_text_of(*table.binding, row), row_json(*table.binding, row), error);
    };
    counters.push_back(load.counters);
    progress.push_back({.table = table.binding->source().to_string(),
                        .state = "pending",
                        .estimated_rows = table.binding->plan().source.estimated_rows});
    loads.push_back(std::move(load));
  }
  if (loads.empty()) return;
  tell(Severity::kInfo, "load.started", "", fmt::format("loading {} table(s)", loads.size()));
  reporter_.loading(std::move(progress), std::move(counters));
  // Its snapshot sees exactly what committed before its consistent point, and lives as long as this connection.
  postgres::ReplicationConnection exporter(plan_.source);
  const auto name = fmt::format("{}_load_{}", plan_.slot.substr(0, 40), getpid());
  const auto exported = exporter.create_temporary_slot(name, stop);
  snapshot_lsn = exported.consistent_point;
  hit(Failpoint::kLoadSnapshot);
  refuse_changed_tables(plan_.source, loads);
  rewrites_seen_ = !read_ddl_capture(plan_.source, plan_.capture).rewrites;
  catalog_ = source_catalog(plan_.source);
  for (auto& table : tables_) {
    if (table.state.state != "ready") table.binding->set_snapshot_lsn(snapshot_lsn);
  }
  copy(loads, exported.snapshot, stop);
}

std::int64_t RunLoad::refused_rows(const TableBinding& table) {
  const std::lock_guard lock(target_mutex_);
  return refused_[&table];
}

void RunLoad::copy(std::vector<TableLoad>& loads, const std::string& snapshot, const std::stop_token& stop) {
  const auto refused = [this](const TableBinding& table, const std::vector<schema::Cell>& row, const Error& error) {
    set_aside(table, key_text_of(table, row), row_json(table, row), error);
    const std::lock_guard lock(target_mutex_);
    ++refused_[&table];
  };
  wait_for_predecessor();
  try {
    load_tables(
        plan_.source, snapshot, loads,
        memory_.load ? careful_row_writers(plan_.target, refused, writer_opening())
                     : bulk_row_writers(plan_.target, writer_opening()),
        {.workers = plan_.load_workers, .committing = [this] { require_fence(); }, .spill_dir = plan_.spill_dir}, stop);
  } catch (const sqlserver::QueryError& error) {
    if (error.number() == sqlserver::kFencedOff) throw fenced_off();
    outcome_.wants_care = row_refused(error) && !std::exchange(memory_.load, true);
    throw;
  } catch (const Error& error) {
    // Columns that are gone, or bytes of another type: the table changed behind the first look.
    if (!error.retriable()) refuse_changed_tables(plan_.source, loads);
    throw;
  }
}

void RunLoad::set_aside(const TableBinding& table, std::string key_text, std::string row_json, const Error& error) {
  const PoisonRow row{.source = table.source(),
                      .target = table.target(),
                      .op = "load",
                      .lsn = table.snapshot_lsn(),
                      .key_text = std::move(key_text),
                      .row_json = std::move(row_json),
                      .reason = error.message()};
  if (plan_.poison == PoisonPolicy::kStop) {
    const auto& column = error.context().column;
    throw poison_error(row, error, column.empty() ? blamed_column(table, error.message()) : column);
  }
  const auto record = Quarantine(plan_.pipeline).insert_sql(row);
  {
    const std::lock_guard lock(target_mutex_);
    execute_fenced(record);
  }
  reporter_.quarantined({row});
}

Error RunLoad::fenced_off() const {
  return Error(ErrorCode::kFenced, "Another process has taken this pipeline over.", {.pipeline = plan_.pipeline});
}

void RunLoad::require_fence() {
  const std::lock_guard lock(target_mutex_);
  const auto mine =
      target_.query("SELECT 1 FROM [millrace].[checkpoint] WHERE pipeline = ? AND fence = CONVERT(bigint, ?)",
                    {plan_.pipeline, std::to_string(fence_)});
  if (mine.empty()) throw fenced_off();
}

/// A bulk copy is no part of a transaction that could look at the fence. So each of its connections holds a lock for as
/// long as it lives and looks at the fence behind taking it: who takes over waits until nobody holds the lock, after
/// which no connection of an earlier owner writes any more.
std::string RunLoad::writer_opening() const {
  return fmt::format(
      "DECLARE @r int; EXEC @r = sp_getapplock @Resource = {0}, @LockMode = 'Shared', @LockOwner = 'Session', "
      "@LockTimeout = 0; IF @r < 0 OR NOT EXISTS (SELECT 1 FROM [millrace].[checkpoint] WHERE pipeline = {1} AND "
      "fence = {2}) THROW {3}, N'millrace: another process has taken over', 1;",
      schema::quote_mssql_literal(load_lock()), schema::quote_mssql_literal(plan_.pipeline), fence_,
      sqlserver::kFencedOff);
}

std::string RunLoad::load_lock() const {
  return "millrace.load." + plan_.pipeline;
}

void RunLoad::wait_for_predecessor() {
  constexpr int kWaitMs = 60'000;
  const std::lock_guard lock(target_mutex_);
  const auto got = target_.query(
      fmt::format("SET NOCOUNT ON; DECLARE @r int; EXEC @r = sp_getapplock @Resource = ?, @LockMode = 'Exclusive', "
                  "@LockOwner = 'Session', @LockTimeout = {}; SELECT @r",
                  kWaitMs),
      {load_lock()});
  if (got.empty() || std::stoi(got.at(0).at(0).value_or("-1")) < 0) {
    throw Error(ErrorCode::kTargetBusy, "A process that ran this pipeline before still loads a table.",
                {.pipeline = plan_.pipeline})
        .suggest("It ends by itself when it goes on; one that hangs has to be ended.");
  }
  target_.execute("EXEC sp_releaseapplock @Resource = ?, @LockOwner = 'Session'", {load_lock()});
}

void RunLoad::execute_fenced(const Sql& sql) {
  Sql whole{fmt::format("BEGIN TRANSACTION; IF NOT EXISTS (SELECT 1 FROM [millrace].[checkpoint] "
                        "WITH (UPDLOCK) WHERE pipeline = ? AND fence = CONVERT(bigint, ?)) "
                        "THROW {}, N'millrace: another process has taken over', 1;\n",
                        sqlserver::kFencedOff),
            {plan_.pipeline, std::to_string(fence_)}};
  whole += sql;
  whole.text += " COMMIT TRANSACTION;";
  try {
    target_.execute(whole.text, whole.values);
  } catch (const sqlserver::QueryError& error) {
    if (error.number() != sqlserver::kFencedOff) throw;
    throw fenced_off();
  }
}

}  // namespace millrace::replication
