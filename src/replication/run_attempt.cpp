#include "replication/run_attempt.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "postgres/replication_connection.hpp"
#include "postgres/slot_guard.hpp"
#include "replication/apply_sql.hpp"
#include "replication/quarantine.hpp"
#include "replication/schema_watcher.hpp"
#include "replication/source_catalog.hpp"
#include "replication/source_monitor.hpp"
#include "replication/sql_sink.hpp"
#include "replication/stream_form.hpp"
#include "schema/cell_encoder.hpp"
#include "support/error.hpp"
#include "support/failpoint.hpp"

namespace millrace::replication {
namespace {

using Severity = RunEvent::Severity;

std::filesystem::path spill_directory(const RunPlan& plan) {
  return plan.spill_dir.empty() ? std::filesystem::temp_directory_path() : plan.spill_dir;
}

}  // namespace

RunAttempt::RunAttempt(const RunPlan& plan, const RunOptions& options, RunReporter& reporter, std::optional<Lsn>& until,
                       CareMemory& care)
    : plan_(plan), options_(options), reporter_(reporter), until_(until), care_(care) {}

void RunAttempt::tell(Severity severity, const std::string& kind, const std::string& table, const std::string& message,
                      const std::string& lsn) {
  reporter_.event({severity, kind, table, message, lsn});
}

void RunAttempt::run(const std::stop_token& stop) {
  check_source();
  take_over();
  tables_ = bind_tables(plan_, *target_, sqlserver::read_table_states(*target_, plan_.pipeline));
  const auto is_ready = [](const BoundTable& table) { return table.state.state == "ready"; };
  // Tables that are carried already do not wait for those that are new: then the stream loads these beside itself.
  if (std::none_of(tables_.begin(), tables_.end(), is_ready)) {
    load([this](BoundTable& table, std::int64_t rows) { finish_table(table, rows); }, stop);
    tell(Severity::kInfo, "load.finished", "", fmt::format("{} table(s) loaded", tables_.size()));
  }
  if (!stop.stop_requested()) stream(stop);
}

void RunAttempt::check_source() {
  target_ = std::make_unique<sqlserver::Session>(plan_.target);
  const auto known = sqlserver::read_checkpoint(*target_, plan_.pipeline);
  if (!known) {
    throw Error(ErrorCode::kPipelineState, "The target does not know this pipeline.", {.pipeline = plan_.pipeline})
        .suggest("It was deleted, or the target's database was replaced: create the pipeline again.");
  }
  postgres::Connection source(plan_.source);
  const auto position = postgres::read_slot_position(source, plan_.slot);
  const auto fault = postgres::judge(
      position, {.slot = plan_.slot, .system_identifier = known->system_identifier, .checkpoint = known->lsn});
  // Another process that runs this pipeline is fenced off next, and lets go of the slot.
  if (fault && fault->code() != ErrorCode::kSlotInUse) throw Error(*fault);
  reporter_.source_position(position.wal);
  if (options_.until_caught_up && !until_) until_ = position.wal;
}

void RunAttempt::take_over() {
  checkpoint_ = sqlserver::take_over(*target_, plan_.pipeline);
}

void RunAttempt::save(BoundTable& table, const std::string& state) {
  table.state.state = state;
  sqlserver::save_table_state(*target_, plan_.pipeline, checkpoint_.fence, table.state);
  reporter_.table_state(table.state.source.to_string(), state);
}

void RunAttempt::prepare_table(BoundTable& table, Lsn snapshot_lsn) {
  const std::lock_guard lock(target_mutex_);
  const auto& name = table.binding->target();
  const bool begun_before = table.state.state == "copying";
  const bool holds_rows = !target_->query("SELECT TOP (1) 1 FROM " + schema::quote_mssql(name)).empty();
  if (holds_rows && !begun_before && plan_.load_policy == LoadPolicy::kFail) {
    throw Error(ErrorCode::kTargetDrift, "The target table " + name.to_string() + " is not empty.",
                {.table = table.binding->source().to_string()})
        .suggest("Empty it, or let the load do so: --load-policy truncate.");
  }
  // Said before the first row is written: whoever comes after a crash knows that the rows are half a load.
  table.state.snapshot_lsn = snapshot_lsn;
  table.state.loaded_rows = 0;
  table.state.shape = to_json_text(table.binding->shape());
  save(table, "copying");
  hit(Failpoint::kLoadMarked);
  const auto clear = clear_quarantine_sql(plan_.pipeline, table.binding->source());
  target_->execute(clear.text, clear.values);
  if (holds_rows) target_->execute(truncate_sql(name, table.referenced).text);
}

void RunAttempt::finish_table(BoundTable& table, std::int64_t rows) {
  const std::lock_guard lock(target_mutex_);
  table.state.loaded_rows = rows;
  hit(Failpoint::kLoadCopied);
  save(table, "ready");
  hit(Failpoint::kLoadReady);
  progressed_ = true;
  tell(Severity::kInfo, "load.table_finished", table.state.source.to_string(),
       fmt::format("{} rows loaded", table.state.loaded_rows));
}

std::unique_ptr<LoadsBeside> RunAttempt::loads_beside(RelationMap& relations,
                                                      const BatchBuilder::Referenced& referenced) {
  std::vector<Table> tables;
  for (const auto& table : tables_) {
    if (table.state.state != "ready") tables.push_back(table.binding);
  }
  if (tables.empty()) return nullptr;
  beside_ = tables.size();
  // The load marks its tables behind the stream's transactions, however long these are; a stop ends the wait.
  target_->set_lock_timeout(std::chrono::milliseconds(-1));
  return std::make_unique<LoadsBeside>(
      std::move(tables), relations,
      LoadsBeside::Settings{
          .spill_dir = spill_directory(plan_),
          .referenced = referenced,
          .truncates = plan_.truncates,
          .watcher = [this] { return make_watcher(); },
          .ready = [this](const schema::TableName& source, std::int64_t rows) { return ready_step(source, rows); }});
}

TargetStep RunAttempt::ready_step(const schema::TableName& source, std::int64_t rows) {
  const auto table =
      std::find_if(tables_.begin(), tables_.end(), [&](const BoundTable& each) { return each.state.source == source; });
  hit(Failpoint::kLoadCopied);
  return {.sql =
              "UPDATE [millrace].[table_state] SET state = N'ready', loaded_rows = CONVERT(bigint, ?), updated_at = "
              "SYSUTCDATETIME() WHERE pipeline = ? AND source_schema = ? AND source_table = ?;",
          .values = {std::to_string(rows), plan_.pipeline, source.schema, source.name},
          .committed = [this, table, rows] {
            hit(Failpoint::kLoadReady);
            progressed_ = true;
            table->state.state = "ready";
            reporter_.table_state(table->state.source.to_string(), "ready");
            tell(Severity::kInfo, "load.table_finished", table->state.source.to_string(),
                 fmt::format("{} rows loaded", rows));
            if (--beside_ > 0) return;
            reporter_.loaded();
            tell(Severity::kInfo, "load.finished", "", "the tables are loaded, the stream carries them too");
          }};
}

void RunAttempt::choose_stream_form() {
  captured_ = has_ddl_capture(plan_.source, plan_.capture);
  const auto catalog = source_catalog(plan_.source);
  // Binary holds for the whole stream: only when every column of every table has a binary form that is understood.
  binary_ = std::all_of(tables_.begin(), tables_.end(),
                        [&](const BoundTable& table) { return binary_fits(*table.binding, *catalog); });
}

std::unique_ptr<SchemaWatcher> RunAttempt::make_watcher() {
  return make_schema_watcher({.pipeline = plan_.pipeline,
                              .publication = plan_.publication,
                              .captured = captured_,
                              .policies = plan_.schema_policy,
                              .values = plan_.value_policy,
                              .binary = binary_},
                             source_catalog(plan_.source));
}

void RunAttempt::load(const Loaded& loaded, const std::stop_token& stop) {
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
  refuse_changed(loads);
  for (auto& table : tables_) {
    if (table.state.state != "ready") table.binding->set_snapshot_lsn(snapshot_lsn);
  }
  {
    const SourceMonitor monitor(
        plan_.source, plan_.slot,
        {.position = [this](Lsn lsn) { reporter_.source_position(lsn); },
         .at_risk = [this](const std::string& text) { tell(Severity::kWarning, "slot.at_risk", "", text); }});
    copy(loads, exported.snapshot, stop);
  }
}

/// A column that came between the plan and the snapshot would be left out of the load, and the stream tells of it only
/// what comes behind the snapshot.
void RunAttempt::refuse_changed(const std::vector<TableLoad>& loads) const {
  const auto catalog = source_catalog(plan_.source);
  for (const auto& load : loads) {
    const auto& planned = load.table->plan().source;
    const auto& left_out = load.table->plan().left_out;
    const auto live = catalog->columns(planned.oid);
    const auto is = [](const LiveColumn& column, const schema::SourceColumn& each) {
      return each.attnum == column.attnum && each.name == column.name;
    };
    const bool same = std::all_of(live.begin(), live.end(),
                                  [&](const LiveColumn& column) {
                                    return std::any_of(planned.columns.begin(), planned.columns.end(),
                                                       [&](const auto& each) { return is(column, each); }) ||
                                           std::find(left_out.begin(), left_out.end(), column.name) != left_out.end();
                                  }) &&
                      std::all_of(load.table->columns().begin(), load.table->columns().end(), [&](const auto& carried) {
                        return std::any_of(live.begin(), live.end(), [&](const LiveColumn& column) {
                          return is(column, carried.mapping.source);
                        });
                      });
    if (same) continue;
    throw Error(ErrorCode::kSchemaChanged, "The source table was changed between the plan of its load and the load.",
                {.table = planned.name.to_string()})
        .suggest("Run the pipeline again: the load is planned anew.");
  }
}

std::int64_t RunAttempt::refused_rows(const TableBinding& table) {
  const std::lock_guard lock(target_mutex_);
  return refused_[&table];
}

void RunAttempt::copy(std::vector<TableLoad>& loads, const std::string& snapshot, const std::stop_token& stop) {
  const auto refused = [this](const TableBinding& table, const std::vector<schema::Cell>& row, const Error& error) {
    set_aside(table, key_text_of(table, row), row_json(table, row), error);
    const std::lock_guard lock(target_mutex_);
    ++refused_[&table];
  };
  try {
    load_tables(plan_.source, snapshot, loads,
                care_.load ? careful_row_writers(plan_.target, refused) : bulk_row_writers(plan_.target),
                {.workers = plan_.load_workers}, stop);
  } catch (const sqlserver::QueryError& error) {
    wants_care_ = row_refused(error) && !std::exchange(care_.load, true);
    throw;
  }
}

void RunAttempt::set_aside(const TableBinding& table, std::string key_text, std::string row_json, const Error& error) {
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
    target_->execute(record.text, record.values);
  }
  tell_quarantined({row});
}

void RunAttempt::tell_quarantined(const std::vector<PoisonRow>& rows) {
  constexpr std::size_t kTold = 20;
  for (std::size_t i = 0; i < rows.size() && i < kTold; ++i) {
    const auto& row = rows[i];
    tell(Severity::kWarning, "row.quarantined", row.source.to_string(),
         fmt::format("{}{}{} put aside into millrace.quarantine: {}", row.op, row.key_text.empty() ? "" : " of row ",
                     row.key_text, row.reason),
         row.lsn.to_string());
  }
  if (rows.size() <= kTold) return;
  tell(Severity::kWarning, "row.quarantined", "",
       fmt::format("{} more rows of the same batch put aside into millrace.quarantine", rows.size() - kTold));
}

void RunAttempt::stream(const std::stop_token& stop) {
  RelationMap relations;
  for (const auto& table : tables_) {
    if (table.state.state == "ready") relations.bind(table.binding);
  }
  choose_stream_form();
  const auto watcher = make_watcher();
  const auto referenced = [this](const TableBinding& binding) {
    return std::any_of(tables_.begin(), tables_.end(), [&](const BoundTable& table) {
      return table.referenced && table.binding->target() == binding.target();
    });
  };
  BatchBuilder builder(relations, *watcher, referenced, plan_.truncates);
  builder.start(checkpoint_.lsn);
  SqlSink sink(plan_.target, {plan_.pipeline, checkpoint_.fence}, {plan_.poison, care_.stream_until});
  sink.on_quarantined = [this](const std::vector<PoisonRow>& rows) { tell_quarantined(rows); };
  sink.on_step = [this](const std::string& summary) { tell(Severity::kInfo, "target.changed", "", summary); };
  SpillStore spill(spill_directory(plan_));
  auto counters = std::make_shared<StreamCounters>();
  counters->applied_lsn = checkpoint_.lsn.value();

  postgres::ReplicationConnection connection(plan_.source);
  connection.prepare(schema::session_settings());
  connection.start({.slot = plan_.slot, .publication = plan_.publication, .start = checkpoint_.lsn, .binary = binary_});
  tell(Severity::kInfo, "stream.started", "", "streaming changes", checkpoint_.lsn.to_string());
  reporter_.streaming(counters);
  const auto beside = loads_beside(relations, referenced);
  if (beside) {
    beside->start(
        [this, &beside](const std::stop_token& own) {
          const std::stop_callback cancel(own, [this] { target_->cancel(); });
          load([&beside](BoundTable& table, std::int64_t rows) { beside->loaded(table.state.source, rows); }, own);
        },
        [&connection] { connection.wake(); });
  }
  const SourceMonitor monitor(
      plan_.source, plan_.slot,
      {.position = [this](Lsn lsn) { reporter_.source_position(lsn); },
       .at_risk = [this](const std::string& text) { tell(Severity::kWarning, "slot.at_risk", "", text); }});
  ChangeStream changes(connection, builder, sink, spill, *counters, {.until = until_});
  changes.diversion = beside.get();
  changes.on_applied = [this](const Batch& batch) { progressed_ = progressed_ || batch.changes > 0; };
  try {
    changes.run(stop);
  } catch (const Error&) {
    if (const auto until = sink.care_wanted()) {
      wants_care_ = *until > care_.stream_until;
      care_.stream_until = std::max(care_.stream_until, *until);
    }
    throw;
  }
  reporter_.idle();
  tell(Severity::kInfo, "stream.stopped", "", "stopped", Lsn(counters->applied_lsn.load()).to_string());
}

}  // namespace millrace::replication
