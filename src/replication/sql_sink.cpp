#include "replication/sql_sink.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "replication/careful_apply.hpp"
#include "replication/fold_ordered.hpp"
#include "replication/fold_tables.hpp"
#include "replication/segment_rows.hpp"
#include "replication/segment_sql.hpp"
#include "replication/table_rename.hpp"
#include "replication/table_swap.hpp"
#include "schema/cell_encoder.hpp"
#include "sqlserver/catalog.hpp"
#include "sqlserver/state_tables.hpp"
#include "support/error.hpp"
#include "support/failpoint.hpp"

namespace millrace::replication {
namespace {

using schema::quote_mssql;

/// SQL Server takes 2,100 parameters a request; a batch also sends a few of its own.
constexpr std::size_t kMostValues = 1500;
constexpr int kNoSuchObject = 208;
constexpr int kDuplicateKey = 2627;
constexpr int kDuplicateIndex = 2601;
using sqlserver::kFencedOff;

Sql fence_sql(const Writer& writer, bool touch) {
  Sql sql;
  if (touch) {
    sql += {"UPDATE [millrace].[checkpoint] SET updated_at = SYSUTCDATETIME() WHERE pipeline = ? AND fence = ?;",
            {writer.pipeline, std::to_string(writer.fence)}};
  }
  sql +=
      {fmt::format(" IF @@ROWCOUNT <> 1 THROW {}, N'millrace: another process has taken over', 1;\n", kFencedOff), {}};
  return sql;
}

Sql advance_sql(const Writer& writer, const Batch& batch) {
  const auto advance =
      sqlserver::advance_checkpoint(writer.pipeline, writer.fence, batch.end_lsn, batch.commit_time, batch.changes);
  Sql sql{advance.sql, advance.parameters};
  sql += fence_sql(writer, false);
  return sql;
}

/// There is nothing left to go on with.
struct TransactionLost {};

/// What the engine's own THROWs mean.
[[noreturn]] void rethrow(const sqlserver::QueryError& error, const Writer& writer) {
  if (error.number() == kFencedOff) {
    throw Error(ErrorCode::kFenced, "Another process has taken this pipeline over.", {.pipeline = writer.pipeline});
  }
  if (error.number() == kRowsDiffer) {
    throw Error(ErrorCode::kTargetRowMissing, "The target is not what the changes were made for.",
                {.pipeline = writer.pipeline})
        .because(error.message());
  }
  if (error.number() == kStageDiffers) {
    throw Error(ErrorCode::kTargetBusy,
                "A stage table did not hold the rows that were sent to it; they are sent again.",
                {.pipeline = writer.pipeline});
  }
  if (error.number() == kSwapRefused) {
    throw Error(ErrorCode::kTargetDrift, error.message(), {.pipeline = writer.pipeline})
        .suggest("Take it away and make it anew behind the load, or load with load policy truncate.");
  }
  if (error.number() == kNoSuchObject && error.message().find("millrace.stage_") != std::string::npos) {
    throw Error(ErrorCode::kTargetBusy,
                "A stage table is gone: another process works for this pipeline, or did until a moment ago.",
                {.pipeline = writer.pipeline});
  }
  throw error;
}

}  // namespace

SqlSink::SqlSink(const TargetEndpoint& endpoint, Writer writer, Care care, Resting resting)
    : endpoint_(endpoint),
      writer_(std::move(writer)),
      care_(care),
      resting_(resting),
      stages_(endpoint, writer_.fence << 32),
      quarantine_(writer_.pipeline) {
  if (care_.policy == PoisonPolicy::kQuarantine) quarantine_.read(session());
}

SqlSink::~SqlSink() = default;

sqlserver::Session& SqlSink::session() {
  if (!session_) session_.emplace(endpoint_);
  return *session_;
}

/// False when it is to be applied as any other.
bool SqlSink::recorded_at_rest(const Batch& batch) {
  const auto now = std::chrono::steady_clock::now();
  if (!batch.empty() || in_transaction_) {
    last_changes_ = now;
    return false;
  }
  if (resting_.sessions == nullptr || (last_changes_ && now - *last_changes_ < resting_.after)) return false;
  session_.reset();
  stages_.close();
  const auto advance = advance_sql(writer_, batch);
  try {
    resting_.sessions->ask(endpoint_,
                           [&](sqlserver::Session& shared) { return shared.execute(advance.text, advance.values); });
  } catch (const Error& error) {
    // One's own session waits for as long as it takes.
    if (!error.retriable()) throw;
    return false;
  }
  return true;
}

template <typename Each>
void SqlSink::stage(const Table& table, const Each& each) {
  const auto writer = stages_.open(table);
  StageRows& rows = stages_.rows_of(table);
  std::int64_t count = 0;
  each([&](std::int64_t seq, const NetChange& change) {
    hit(Failpoint::kStageRow);
    writer->write(rows.encode(stages_.batch(), seq, change, LongValues::kInPieces));
    ++count;
  });
  writer->finish();
  hit(Failpoint::kStageLoaded);
  add(stages_.expect_sql(*table, count));
}

void SqlSink::add_segment(const Batch& batch, const Segment& segment) {
  for (const auto& part : segment.net) {
    stage(part.table, [&](const StageRowVisit& visit) { for_each_row(part, visit); });
  }
  for (const auto& table : ordered_tables(segment)) {
    stage(table, [&](const StageRowVisit& visit) { for_each_row(segment, batch, table, visit); });
  }
  for_each_statement(segment, batch, stages_, [this](const Sql& sql) { add(sql); });
}

void SqlSink::add(const Sql& sql) {
  script_ += sql;
  if (in_transaction_ && script_.values.size() > kMostValues) flush();
}

void SqlSink::flush() {
  if (script_.text.empty()) return;
  const Sql script = std::exchange(script_, {});
  session().execute(script.text, script.values);
}

void SqlSink::open_transaction(const char* xact_abort) {
  if (in_transaction_) return;
  // Not in one text with parameters: a text that leaves a transaction open is an error there (266).
  session().execute(fmt::format("SET XACT_ABORT {}; BEGIN TRANSACTION;", xact_abort));
  in_transaction_ = true;
  add(fence_sql(writer_, true));
  flush();
}

void SqlSink::apply(const Batch& batch) {
  stages_.next_batch();
  refused_.reset();
  const bool goes_on = in_transaction_;
  try {
    if (recorded_at_rest(batch)) return;
    session();  // before anything is staged: a target that is away is noticed first
    if (wants_care(batch)) {
      const bool folds = care_.folds || piece_folds_;
      if (folds && !touches_quarantine(batch) && applied_by_transaction(batch)) return;
      const auto folded = folds ? fold_ordered(batch) : nullptr;
      return apply_carefully(folded ? *folded : batch);
    }
    auto outcome = try_sets(batch);
    if (outcome == Outcome::kDone) return;
    if (goes_on) {
      // The transaction's earlier pieces are gone with it: all of it comes again.
      want_care(batch, care_.folds || outcome == Outcome::kDuplicate);
      throw Error(ErrorCode::kTargetBusy,
                  "SQL Server refused a row of a large transaction; it is applied anew to find it.");
    }
    if (outcome != Outcome::kDuplicate) return apply_carefully(batch);
    const auto folded = fold_ordered(batch);
    if (folded && try_sets(*folded) == Outcome::kDone) return;
    if (applied_by_transaction(batch)) return;
    apply_carefully(folded ? *folded : batch);
  } catch (const sqlserver::QueryError& error) {
    if (refused_ && error.number() == kRenameRefused) {
      Error refusal(ErrorCode::kSchemaChanged, error.message(),
                    {.table = refused_->news->table.to_string(), .lsn = refused_->lsn.to_string()});
      throw refusal.suggest(
          "Give the target's other table another name; or let the target's table keep its own with the schema policy "
          "rename_table=ignore.");
    }
    if (refused_ && on_step_refused && !error.retriable()) on_step_refused(*refused_, error);
    rethrow(error, writer_);
  }
}

/// For values that change places around changes of other tables. False: nothing of the batch is applied, and of a
/// piece nothing but the earlier ones.
bool SqlSink::applied_by_transaction(const Batch& batch) {
  const bool goes_on = in_transaction_;
  const auto steps_before = static_cast<std::ptrdiff_t>(steps_.size());
  const auto tables = parents_first(batch, [this](const Table& table) {
    std::vector<schema::TableName> children;
    for (auto& key : sqlserver::read_obstacles(session(), table->target()).referencing_keys) {
      children.push_back(std::move(key.table));
    }
    return children;
  });
  if (tables.empty()) return false;
  if (goes_on) session().execute("SET XACT_ABORT OFF; SAVE TRANSACTION millrace_piece");
  open_transaction("OFF");
  try {
    for (const auto& segment : batch.segments) {
      for (const auto& unit : transactions_of(segment)) {
        if (applied_unit(batch, unit, tables)) continue;
        if (!goes_on) throw TransactionLost();
        session().execute("ROLLBACK TRANSACTION millrace_piece");
        steps_.erase(steps_.begin() + steps_before, steps_.end());
        return false;
      }
      run_steps(segment);
    }
  } catch (const TransactionLost&) {
    forget();
    if (!goes_on) return false;
    want_care(batch, false);
    throw Error(ErrorCode::kTargetBusy,
                "SQL Server ended a large transaction over a row; it is applied anew to find it.");
  }
  piece_folds_ = true;
  commit_carefully(batch);
  return true;
}

/// By the first way that SQL Server takes.
bool SqlSink::applied_unit(const Batch& batch, const Segment& unit, const std::vector<Table>& parents_first) {
  if (tried_behind_savepoint(batch, {&unit, 1})) return true;
  RowStore rows;
  const auto runs = fold_runs(unit, batch, rows);
  if (!runs.empty() && tried_behind_savepoint(batch, runs)) return true;
  for (const auto order : {FoldOrder::kDeletesFirst, FoldOrder::kDeletesLast, FoldOrder::kInsertsLast}) {
    const auto folded = fold_tables(unit, batch, rows, order, parents_first);
    if (!folded) return false;
    if (tried_behind_savepoint(batch, {&*folded, 1})) return true;
  }
  return false;
}

/// Under XACT_ABORT OFF. False: refused, and taken back. Throws TransactionLost when the refusal ended or doomed it.
bool SqlSink::tried_behind_savepoint(const Batch& batch, std::span<const Segment> segments) {
  session().execute("SAVE TRANSACTION millrace_unit");
  try {
    for (const auto& segment : segments) {
      add_segment(batch, segment);
      flush();
    }
    return true;
  } catch (const schema::ValueError&) {
  } catch (const sqlserver::QueryError& error) {
    if (!row_refused(error) && error.number() != kRowsDiffer) throw;
  }
  script_ = {};
  const auto state = session().query("SELECT XACT_STATE()");
  if (state.empty() || state.front().at(0) != "1") throw TransactionLost();
  session().execute("ROLLBACK TRANSACTION millrace_unit");
  return false;
}

/// Rolls back when a row was refused.
SqlSink::Outcome SqlSink::try_sets(const Batch& batch) {
  auto outcome = Outcome::kRefused;
  try {
    apply_sets(batch);
    return Outcome::kDone;
  } catch (const schema::ValueError&) {
  } catch (const sqlserver::QueryError& error) {
    if (!row_refused(error) && error.number() != kRowsDiffer) throw;
    if (error.number() == kDuplicateKey || error.number() == kDuplicateIndex) outcome = Outcome::kDuplicate;
  }
  forget();
  return outcome;
}

/// What a failed transaction leaves.
void SqlSink::forget() {
  if (session_ && !session_->rollback_quietly()) {
    throw Error(ErrorCode::kTargetUnreachable, "SQL Server could not be reached to roll back.");
  }
  script_ = {};
  steps_.clear();
  in_transaction_ = false;
}

void SqlSink::want_care(const Batch& batch, bool folds) {
  care_wanted_ = care_;
  if (!batch.origins.empty()) care_wanted_->until = batch.origins.back().commit_lsn;
  care_wanted_->folds = folds;
}

bool SqlSink::wants_care(const Batch& batch) {
  if (careful_piece_) return true;
  if (!batch.origins.empty() && batch.origins.front().commit_lsn <= care_.until) return true;
  return touches_quarantine(batch);
}

/// Changes of rows in quarantine that do not carry every column.
bool SqlSink::touches_quarantine(const Batch& batch) {
  if (quarantine_.empty()) return false;
  bool found = false;
  const auto look = [&](const TableBinding& table, const auto& each) {
    if (found || table.keyless() || !quarantine_.any(table.source())) return;
    each([&](std::int64_t, const NetChange& change) {
      const bool partial = std::any_of(change.row.begin(), change.row.end(), [](const pgoutput::Field& field) {
        return field.kind == pgoutput::FieldKind::kUnchanged;
      });
      found = found || (partial && quarantine_.holds(table.source(), key_text(table, change.old_key)));
    });
  };
  for (const auto& segment : batch.segments) {
    for (const auto& part : segment.net) {
      look(*part.table, [&](const StageRowVisit& visit) { for_each_row(part, visit); });
    }
    for (const auto& table : ordered_tables(segment)) {
      look(*table, [&](const StageRowVisit& visit) { for_each_row(segment, batch, table, visit); });
    }
  }
  return found;
}

std::set<schema::TableName> SqlSink::stages_of(const Batch& batch) {
  std::set<schema::TableName> used;
  for (const auto& segment : batch.segments) {
    for (const auto& part : segment.net) used.insert(part.table->stage());
    for (const auto& table : ordered_tables(segment)) used.insert(table->stage());
  }
  return used;
}

void SqlSink::run_steps(const Segment& segment) {
  const auto& steps = segment.steps;
  for (auto step = steps.begin(); step != steps.end(); ++step) {
    if (!step->stage_sql.empty()) stages_.execute(step->stage_sql);
    try {
      if (!step->sql.empty()) session().execute(step->sql, step->values);
    } catch (const sqlserver::QueryError&) {
      // A change's news is with the last of its statements.
      const auto teller = std::find_if(step, steps.end(), [](const TargetStep& each) { return each.news.has_value(); });
      if (teller != steps.end() && teller->news->kind == StepNews::Kind::kApplied) refused_ = *teller;
      throw;
    }
    steps_.push_back(*step);
  }
}

Sql SqlSink::end_sql(const Batch& batch) const {
  Sql end = advance_sql(writer_, batch);
  // Behind everything else: it holds the stage until the commit.
  for (const auto& stage : stages_of(batch)) end += {"TRUNCATE TABLE " + quote_mssql(stage) + ";", {}};
  return end;
}

void SqlSink::committed(const Batch& batch) {
  hit(Failpoint::kAfterCommit);
  for (const auto& stage : stages_of(batch)) stages_.emptied(stage);
  for (const auto& step : std::exchange(steps_, {})) {
    if (!step.after_sql.empty()) stages_.execute(step.after_sql);
    if (step.news && on_step) on_step(step);
    if (step.committed) step.committed();
  }
}

void SqlSink::apply_sets(const Batch& batch) {
  std::size_t ordered = 0;
  for (const auto& segment : batch.segments) ordered += segment.ordered.size() + segment.steps.size();
  const bool small = batch.segments.size() <= 1 && ordered < kMostValues / 8 &&
                     (batch.segments.empty() || batch.segments.front().net.size() < 100) &&
                     std::all_of(batch.segments.begin(), batch.segments.end(),
                                 [](const Segment& segment) { return segment.steps.empty(); });
  const bool at_once = small && batch.commits && !in_transaction_;
  if (!at_once) open_transaction("ON");
  for (const auto& segment : batch.segments) {
    add_segment(batch, segment);
    if (at_once) continue;
    flush();
    run_steps(segment);
  }
  if (!at_once) hit(Failpoint::kApplyOpen);
  if (!batch.commits) return;
  if (at_once) {
    Sql whole{"SET XACT_ABORT ON; SET NOCOUNT ON; BEGIN TRANSACTION;\n", {}};
    whole += fence_sql(writer_, true);
    whole += std::exchange(script_, {});
    whole += end_sql(batch);
    whole.text += " COMMIT TRANSACTION;";
    hit(Failpoint::kBeforeCommit);
    session().execute(whole.text, whole.values);
  } else {
    script_ += end_sql(batch);
    flush();
    hit(Failpoint::kBeforeCommit);
    session().execute("COMMIT TRANSACTION;");
    in_transaction_ = false;
  }
  committed(batch);
}

void SqlSink::apply_carefully(const Batch& batch) {
  const bool goes_on = in_transaction_;
  if (goes_on) session().execute("SET XACT_ABORT OFF");
  CarefulApply careful(session(), stages_, quarantine_, care_.policy, goes_on);
  bool read = false;
  while (true) {
    open_transaction("OFF");
    // Rows may have been settled by `millrace quarantine` since; while this transaction is open none can be.
    if (care_.policy == PoisonPolicy::kQuarantine && !std::exchange(read, true)) quarantine_.read(session());
    try {
      std::size_t number = 0;
      for (const auto& segment : batch.segments) {
        careful.segment(batch, segment, number++);
        run_steps(segment);
      }
      break;
    } catch (const CarefulApply::BeginAnew&) {
      forget();
    }
  }
  for (const auto& record : careful.records()) session().execute(record.text, record.values);
  aside_.insert(aside_.end(), careful.found().begin(), careful.found().end());
  commit_carefully(batch);
}

/// Of what was applied behind savepoints.
void SqlSink::commit_carefully(const Batch& batch) {
  careful_piece_ = !batch.commits;
  if (!batch.commits) return;
  const auto end = end_sql(batch);
  session().execute(end.text, end.values);
  hit(Failpoint::kBeforeCommit);
  session().execute("COMMIT TRANSACTION; SET XACT_ABORT ON;");
  in_transaction_ = false;
  piece_folds_ = false;
  committed(batch);
  const auto aside = std::exchange(aside_, {});
  if (on_quarantined && !aside.empty()) on_quarantined(aside);
}

}  // namespace millrace::replication
