#include "replication/run_attempt.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "postgres/heartbeat.hpp"
#include "postgres/replication_connection.hpp"
#include "postgres/slot_guard.hpp"
#include "replication/schema_watcher.hpp"
#include "replication/source_catalog.hpp"
#include "replication/source_monitor.hpp"
#include "replication/sql_sink.hpp"
#include "replication/stage_cleanup.hpp"
#include "replication/stream_form.hpp"
#include "replication/table_swap.hpp"
#include "schema/cell_encoder.hpp"
#include "support/error.hpp"
#include "support/failpoint.hpp"

namespace millrace::replication {
namespace {

using Severity = RunEvent::Severity;

/// A table that no row comes for is looked at all the same.
constexpr std::chrono::seconds kBetweenLooks{20};
constexpr std::chrono::seconds kBetweenLooksAtRest{60};

const char* event_kind(const StepNews& news) {
  switch (news.kind) {
    case StepNews::Kind::kApplied:
      return "schema.applied";
    case StepNews::Kind::kIgnored:
      return "schema.ignored";
    case StepNews::Kind::kTruncated:
      return "table.truncated";
  }
  return "schema.applied";
}

std::string lsn_text(Lsn lsn) {
  return lsn.value() == 0 ? std::string() : lsn.to_string();
}

std::filesystem::path spill_directory(const RunPlan& plan) {
  return plan.spill_dir.empty() ? std::filesystem::temp_directory_path() : plan.spill_dir;
}

}  // namespace

RunAttempt::RunAttempt(const RunPlan& plan, const RunOptions& options, RunReporter& reporter, std::optional<Lsn>& until,
                       AttemptMemory& memory, std::int64_t& fence)
    : plan_(plan), options_(options), reporter_(reporter), until_(until), memory_(memory), fence_(fence) {}

void RunAttempt::tell(Severity severity, const std::string& kind, const std::string& table, const std::string& message,
                      const std::string& lsn) {
  reporter_.event({severity, kind, table, message, lsn});
}

void RunAttempt::run(const std::stop_token& stop) {
  std::optional<Starts::Turn> turn;
  if (options_.starts != nullptr) turn.emplace(*options_.starts, start_key(plan_.source, plan_.target), stop);
  read_checkpoint();
  {
    postgres::Connection source(plan_.source);
    check_source(source);
    take_over();
    if (slot_is_read_) knock(source);
  }
  // From before a load's snapshot on: making it waits for every transaction that is open, and WAL piles up meanwhile.
  SourceMonitors own;
  const SourceMonitor monitor(options_.monitors != nullptr ? *options_.monitors : own, plan_.source, plan_.slot,
                              {.position = [this](Lsn lsn) { reporter_.source_position(lsn); },
                               .slot = [this](const SlotProgress& progress) { reporter_.slot(progress); },
                               .at_risk =
                                   [this](const std::string& text, bool grave) {
                                     tell(grave ? Severity::kError : Severity::kWarning, "slot.at_risk", "", text);
                                   }});
  drop_leftover_stages(*target_, plan_.pipeline);
  tables_ = bind_tables(plan_, *target_, fence_, sqlserver::read_table_states(*target_, plan_.pipeline));
  const auto is_ready = [](const BoundTable& table) { return table.state.state == "ready"; };
  // Tables that are carried already do not wait for those that are new: then the stream loads these beside itself.
  if (std::none_of(tables_.begin(), tables_.end(), is_ready)) {
    turn.reset();
    RunLoad load(plan_, reporter_, *target_, checkpoint_.fence, tables_, memory_, outcome_);
    load.run([&load](BoundTable& table, std::int64_t rows) { load.finish_table(table, rows); }, stop);
    tell(Severity::kInfo, "load.finished", "", fmt::format("{} table(s) loaded", tables_.size()));
  }
  if (!stop.stop_requested()) stream([&turn] { turn.reset(); }, stop);
}

void RunAttempt::read_checkpoint() {
  target_ = std::make_unique<sqlserver::Session>(plan_.target);
  const auto known = sqlserver::read_checkpoint(*target_, plan_.pipeline);
  if (!known) {
    throw Error(ErrorCode::kPipelineState, "The target does not know this pipeline.", {.pipeline = plan_.pipeline})
        .suggest("It was deleted, or the target's database was replaced: create the pipeline again.");
  }
  checkpoint_ = *known;
}

void RunAttempt::check_source(postgres::Connection& source) {
  auto fault = look_at_slot(source);
  if (fault) {
    // A process that runs this pipeline may have moved both between the two looks; fenced off, it cannot.
    take_over();
    fault = look_at_slot(source);
  }
  if (fault) throw Error(*fault);
  if (options_.until_caught_up && !until_) until_ = source_wal_;
}

/// What stands against streaming from the checkpoint, but for another process at the slot, which lets go of it when it
/// is fenced off.
std::optional<Error> RunAttempt::look_at_slot(postgres::Connection& source) {
  const auto position = postgres::read_slot_position(source, plan_.slot);
  source_wal_ = position.wal;
  slot_is_read_ = position.active;
  reporter_.source_position(position.wal);
  auto fault = postgres::judge(
      position,
      {.slot = plan_.slot, .system_identifier = checkpoint_.system_identifier, .checkpoint = checkpoint_.lsn});
  if (fault && fault->code() == ErrorCode::kSlotInUse) return std::nullopt;
  return fault;
}

void RunAttempt::take_over() {
  // Whoever took over while this attempt's predecessor failed keeps the pipeline: both would take it back for ever.
  checkpoint_ = fence_ == 0 ? sqlserver::take_over(*target_, plan_.pipeline)
                            : sqlserver::take_over(*target_, plan_.pipeline, fence_);
  fence_ = checkpoint_.fence;
}

void RunAttempt::knock(postgres::Connection& source) const {
  try {
    postgres::emit_heartbeat(source, postgres::kWaitedForPrefix);
  } catch (const postgres::QueryError&) {
    // A standby, or no right: it notices at its next sign of life.
  }
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
          .watcher = [this] { return make_watcher(true); },
          .begin = [this](const schema::TableName& source) { return swap_steps(source); },
          .ready = [this](const schema::TableName& source, std::int64_t rows) { return ready_step(source, rows); }});
}

std::vector<TargetStep> RunAttempt::swap_steps(const schema::TableName& source) {
  const auto table =
      std::find_if(tables_.begin(), tables_.end(), [&](const BoundTable& each) { return each.state.source == source; });
  if (!table->binding->loads_beside()) return {};
  const auto binding = table->binding;
  return {{.sql = swap_sql(*binding), .committed = [binding] { binding->set_load_target(std::nullopt); }}};
}

TargetStep RunAttempt::ready_step(const schema::TableName& source, std::int64_t rows) {
  const auto table =
      std::find_if(tables_.begin(), tables_.end(), [&](const BoundTable& each) { return each.state.source == source; });
  hit(Failpoint::kLoadCopied);
  return {.sql =
              "UPDATE [millrace].[table_state] SET state = N'ready', detail = NULL, loaded_rows = CONVERT(bigint, ?), "
              "updated_at = SYSUTCDATETIME() WHERE pipeline = ? AND source_schema = ? AND source_table = ?;",
          .values = {std::to_string(rows), plan_.pipeline, source.schema, source.name},
          .committed = [this, table, rows] {
            hit(Failpoint::kLoadReady);
            outcome_.progressed = true;
            table->state.state = "ready";
            reporter_.table_state(table->state.source.to_string(), "ready");
            if (counters_) counters_->activity.carry(table->state.source.to_string(), rows);
            tell(Severity::kInfo, "load.table_finished", table->state.source.to_string(),
                 fmt::format("{} rows loaded", rows));
            if (--beside_ > 0) return;
            reporter_.loaded();
            tell(Severity::kInfo, "load.finished", "", "the tables are loaded, the stream carries them too");
          }};
}

void RunAttempt::choose_stream_form() {
  captured_ = read_ddl_capture(plan_.source, plan_.capture);
  const auto catalog = source_catalog(plan_.source, options_.sessions);
  // Binary holds for the whole stream: only when every column of every table has a binary form that is understood.
  binary_ = std::all_of(tables_.begin(), tables_.end(),
                        [&](const BoundTable& table) { return binary_fits(*table.binding, *catalog); });
}

/// The stream tells an unknown table anew on each connection; that it was told of is in the log of events alone.
void RunAttempt::read_tables_left() {
  if (!options_.wants_table || plan_.schema_policy.new_table != SchemaPolicy::kIgnore) return;
  for (const auto& row : target_->query(
           "SELECT DISTINCT table_name FROM [millrace].[events] WHERE pipeline = ? AND kind = N'schema.ignored' AND "
           "message = ? AND table_name IS NOT NULL",
           {plan_.pipeline, kTableLeftAlone})) {
    tables_left_->insert(row.at(0).value());
  }
}

std::unique_ptr<SchemaWatcher> RunAttempt::make_watcher(bool loading) {
  return make_schema_watcher({.pipeline = plan_.pipeline,
                              .publication = plan_.publication,
                              .captured = captured_.changes,
                              .rewrites_told = captured_.rewrites,
                              .policies = plan_.schema_policy,
                              .values = plan_.value_policy,
                              .binary = binary_,
                              .target_schema = plan_.target_schema,
                              .own_names = plan_.own_names,
                              .loading = loading,
                              .tables_renamed = options_.tables_renamed,
                              .renames_applied = options_.renames_applied,
                              .wants_table = options_.wants_table,
                              .table_came = options_.table_came,
                              .tables_left = tables_left_,
                              .load_anew = options_.load_anew,
                              .rewritten =
                                  [this](const schema::TableName& source, const std::string& message) {
                                    tell(Severity::kWarning, "table.rewritten", source.to_string(), message);
                                  },
                              .partitions_changed =
                                  [this](const schema::TableName& source, const std::string& message) {
                                    tell(Severity::kWarning, "table.partition_gone", source.to_string(), message);
                                  }},
                             source_catalog(plan_.source, options_.sessions));
}

void RunAttempt::stream(const std::function<void()>& begun, const std::stop_token& stop) {
  RelationMap relations;
  for (const auto& table : tables_) {
    if (table.state.state == "ready") relations.bind(table.binding);
  }
  choose_stream_form();
  read_tables_left();
  const auto watcher = make_watcher(false);
  const auto referenced = [this](const TableBinding& binding) {
    return std::any_of(tables_.begin(), tables_.end(), [&](const BoundTable& table) {
      return table.referenced && table.binding->target() == binding.target();
    });
  };
  BatchBuilder builder(relations, *watcher, referenced, plan_.truncates);
  builder.start(checkpoint_.lsn);
  SqlSink sink(plan_.target, {plan_.pipeline, checkpoint_.fence},
               {plan_.poison, memory_.stream_until, memory_.stream_folds}, {.sessions = options_.sessions});
  sink.on_quarantined = [this](const std::vector<PoisonRow>& rows) { reporter_.quarantined(rows); };
  sink.on_step = [this](const TargetStep& step) {
    tell(Severity::kInfo, event_kind(*step.news), step.news->table.to_string(), step.news->message, lsn_text(step.lsn));
  };
  sink.on_step_refused = [this](const TargetStep& step, const Error& error) {
    tell(Severity::kError, kSchemaStopped, step.news->table.to_string(),
         step.news->message + "; SQL Server refuses it: " + error.message(), lsn_text(step.lsn));
  };
  SpillStore spill(spill_directory(plan_));
  auto counters = std::make_shared<StreamCounters>();
  counters->applied_lsn = checkpoint_.lsn.value();
  for (const auto& table : tables_) {
    if (table.state.state == "ready") {
      counters->activity.carry(table.state.source.to_string(), table.state.loaded_rows);
    }
  }
  counters_ = counters;

  postgres::ReplicationConnection connection(plan_.source);
  connection.prepare(schema::session_settings());
  connection.start({.slot = plan_.slot,
                    .publication = plan_.publication,
                    .start = checkpoint_.lsn,
                    .binary = binary_,
                    .spill_dir = plan_.spill_dir});
  tell(Severity::kInfo, "stream.started", "", "streaming changes", checkpoint_.lsn.to_string());
  reporter_.streaming(counters);
  std::optional<RunLoad> load;
  const auto beside = loads_beside(relations, referenced);
  if (!beside) {
    // Nothing is loaded: a session that nobody uses would stay for as long as the stream does.
    target_.reset();
  } else {
    load.emplace(plan_, reporter_, *target_, checkpoint_.fence, tables_, memory_, outcome_);
    beside->start(
        [this, &beside, &load](const std::stop_token& own) {
          const std::stop_callback cancel(own, [this] { target_->cancel(); });
          load->run([&beside](BoundTable& table, std::int64_t rows) { beside->loaded(table.state.source, rows); }, own);
        },
        [&connection] { connection.wake(); });
  }
  begun();
  ChangeStream changes(connection, builder, sink, spill, *counters,
                       {.rest_after = options_.rest_after, .until = until_});
  changes.diversion = beside.get();
  builder.look();
  changes.on_pause = [&, last = std::chrono::steady_clock::now()]() mutable {
    const auto now = std::chrono::steady_clock::now();
    if (now - last < (changes.rests() ? kBetweenLooksAtRest : kBetweenLooks)) return;
    last = now;
    builder.look();
  };
  changes.on_applied = [this](const Batch& batch) {
    if (batch.changes == 0) return;
    outcome_.progressed = true;
    reporter_.stir();
  };
  try {
    changes.run(stop);
  } catch (const Error&) {
    if (const auto& care = sink.care_wanted()) {
      outcome_.wants_care = care->until > memory_.stream_until;
      memory_.stream_until = std::max(memory_.stream_until, care->until);
      memory_.stream_folds = care->folds;
    }
    throw;
  }
  reporter_.idle();
  tell(Severity::kInfo, "stream.stopped", "", "stopped", Lsn(counters->applied_lsn.load()).to_string());
}

}  // namespace millrace::replication
