#include "replication/sql_sink.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "sqlserver/state_tables.hpp"
#include "support/error.hpp"
#include "support/failpoint.hpp"

namespace millrace::replication {
namespace {

using schema::quote_mssql;

/// SQL Server takes 2,100 parameters a request; a batch also sends a few of its own.
constexpr std::size_t kMostValues = 1500;
constexpr int kStageDiffers = 51011;
using sqlserver::kFencedOff;

std::vector<sqlserver::BulkColumn> bulk_columns(const TableBinding& table) {
  std::vector<sqlserver::BulkColumn> columns;
  for (auto& column : stage_columns(table)) columns.push_back({column.name, column.type});
  return columns;
}

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
  throw error;
}

}  // namespace

SqlSink::SqlSink(const TargetEndpoint& endpoint, Writer writer)
    : writer_(std::move(writer)), session_(endpoint), bulk_(endpoint), stage_batch_(writer_.fence << 32) {}

SqlSink::~SqlSink() = default;

void SqlSink::cancel() {
  session_.cancel();
}

StageRows& SqlSink::rows_of(const Table& table) {
  auto& staging = staging_[table.get()];
  if (!staging.rows) staging = {table, std::make_unique<StageRows>(*table)};
  return *staging.rows;
}

void SqlSink::empty_stage(const TableBinding& table) {
  if (!std::exchange(dirty_[table.stage()], true)) return;
  // Not TRUNCATE: within a transaction of several pieces the other connection has just read the stage, and a server
  // with row versions may still keep its definition locked. With TABLOCK a heap gives its pages back.
  bulk_.execute("DELETE FROM " + quote_mssql(table.stage()) + " WITH (TABLOCK)");
}

void SqlSink::expect_stage(const TableBinding& table, std::int64_t rows) {
  // One scan of a heap that was just written: another process that lost its fence may have written into it too.
  add({fmt::format("IF (SELECT COUNT_BIG(*) FROM {0}) <> ? OR (SELECT COUNT_BIG(*) FROM {0} WHERE batch = ?) <> ? "
                   "THROW {1}, N'millrace: a stage does not hold its batch', 1;\n",
                   quote_mssql(table.stage()), kStageDiffers),
       {std::to_string(rows), std::to_string(stage_batch_), std::to_string(rows)}});
}

void SqlSink::stage_net(const TableChanges& part) {
  const TableBinding& table = *part.table;
  StageRows& rows = rows_of(part.table);
  rows.clear_masks();
  empty_stage(table);
  sqlserver::BulkWriter writer(bulk_, table.stage(), bulk_columns(table), {.in_table_order = true});
  std::int64_t seq = 0;
  part.changes.for_each([&](const NetChange& change) {
    hit(Failpoint::kStageRow);
    writer.write(rows.encode(stage_batch_, seq++, change));
  });
  writer.finish();
  hit(Failpoint::kStageLoaded);
  expect_stage(table, seq);
}

void SqlSink::add_net_statements(const TableChanges& part) {
  const TableBinding& table = *part.table;
  const auto& masks = rows_of(part.table).masks();
  const auto rows = [&](NetOp op) { return static_cast<std::int64_t>(part.changes.count(op)); };
  const auto deletes = rows(NetOp::kDelete);
  const auto replaces = rows(NetOp::kReplace);
  if (deletes + replaces > 0) {
    add(delete_sql(table, {NetOp::kDelete, NetOp::kReplace}));
    add(expect_rows_sql(table, "DELETE", deletes + replaces));
  }
  for (const auto op : {NetOp::kMove, NetOp::kUpdate}) {
    if (rows(op) == 0) continue;
    add(update_sql(table, op, masks));
    add(expect_rows_sql(table, "UPDATE", rows(op)));
  }
  const auto inserts = rows(NetOp::kInsert);
  if (inserts + replaces > 0) {
    add(insert_sql(table, {NetOp::kInsert, NetOp::kReplace}));
    add(expect_rows_sql(table, "INSERT", inserts + replaces));
  }
}

void SqlSink::stage_ordered(const Segment& segment, const Batch& batch) {
  std::set<Table> tables;
  for (const auto& change : segment.ordered) tables.insert(change.table);
  NetChange row;
  for (const auto& table : tables) {
    StageRows& rows = rows_of(table);
    rows.clear_masks();
    empty_stage(*table);
    sqlserver::BulkWriter writer(bulk_, table->stage(), bulk_columns(*table), {.in_table_order = true});
    std::int64_t count = 0;
    const auto send = [&](std::int64_t seq, NetOp op, RowStore::Offset key, RowStore::Offset values) {
      row.op = op;
      row.old_key.clear();
      row.row.clear();
      if (key != RowStore::kNone) batch.rows.read(key, row.old_key);
      if (values != RowStore::kNone) batch.rows.read(values, row.row);
      writer.write(rows.encode(stage_batch_, seq, row));
      ++count;
    };
    // Two places for each change: an update of a table without key is a delete and an insert.
    for (std::size_t i = 0; i < segment.ordered.size(); ++i) {
      const auto& change = segment.ordered[i];
      if (change.table != table) continue;
      const auto seq = static_cast<std::int64_t>(2 * i);
      if (change.old_row != RowStore::kNone) send(seq, NetOp::kDelete, RowStore::kNone, change.old_row);
      if (change.op == RowOp::kInsert || (change.op == RowOp::kUpdate && table->keyless())) {
        send(seq + 1, NetOp::kInsert, RowStore::kNone, change.row);
      } else if (change.op == RowOp::kUpdate) {
        send(seq, change.key_changed ? NetOp::kMove : NetOp::kUpdate, change.old_key, change.row);
      } else if (!table->keyless()) {
        send(seq, NetOp::kDelete, change.old_key, RowStore::kNone);
      }
    }
    writer.finish();
    expect_stage(*table, count);
  }
}

void SqlSink::add_ordered_run(const Table& table, NetOp op, SeqRange range) {
  const auto rows = (range.last - range.first) / 2 + 1;
  switch (op) {
    case NetOp::kInsert:
      add(insert_sql(*table, {op}, range));
      return add(expect_rows_sql(*table, "INSERT", rows));
    case NetOp::kDelete:
    case NetOp::kReplace:
      add(delete_sql(*table, {op}, range));
      return add(expect_rows_sql(*table, "DELETE", rows));
    case NetOp::kMove:
    case NetOp::kUpdate:
      add(update_sql(*table, op, rows_of(table).masks(), range));
      return add(expect_rows_sql(*table, "UPDATE", rows));
  }
}

namespace {

/// Consecutive changes of one table and one kind that one statement may apply.
struct Run {
  Table table;
  NetOp op = NetOp::kInsert;
  SeqRange range;
};

/// The runs of a segment, in order. Rows of keyless tables that go are runs of one.
std::vector<Run> ordered_runs(const Segment& segment, const Batch& batch) {
  std::vector<Run> runs;
  std::set<std::string> keys;
  pgoutput::Tuple fields;
  const auto add = [&](const Table& table, NetOp op, std::int64_t seq, RowStore::Offset old_key) {
    std::string key;
    if (old_key != RowStore::kNone) {
      batch.rows.read(old_key, fields);
      for (const auto& field : fields) append_field(key, field);
    }
    const bool one_by_one = op == NetOp::kMove || (op == NetOp::kDelete && table->keyless());
    const bool goes_on = !runs.empty() && !one_by_one && runs.back().table == table && runs.back().op == op &&
                         runs.back().range.last + 2 == seq && (op == NetOp::kInsert || keys.find(key) == keys.end());
    if (goes_on) {
      runs.back().range.last = seq;
    } else {
      runs.push_back({table, op, {seq, seq}});
      keys.clear();
    }
    keys.insert(std::move(key));
  };
  for (std::size_t i = 0; i < segment.ordered.size(); ++i) {
    const auto& change = segment.ordered[i];
    const auto seq = static_cast<std::int64_t>(2 * i);
    const bool keyless = change.table->keyless();
    if (change.op == RowOp::kDelete || (change.op == RowOp::kUpdate && keyless)) {
      add(change.table, NetOp::kDelete, seq, change.old_key);
    }
    if (change.op == RowOp::kInsert || (change.op == RowOp::kUpdate && keyless)) {
      add(change.table, NetOp::kInsert, seq + 1, RowStore::kNone);
    } else if (change.op == RowOp::kUpdate) {
      add(change.table, change.key_changed ? NetOp::kMove : NetOp::kUpdate, seq, change.old_key);
    }
  }
  return runs;
}

}  // namespace

void SqlSink::add(const Sql& sql) {
  script_ += sql;
  if (in_transaction_ && script_.values.size() > kMostValues) flush();
}

void SqlSink::flush() {
  if (script_.text.empty()) return;
  const Sql script = std::exchange(script_, {});
  session_.execute(script.text, script.values);
}

void SqlSink::open_transaction() {
  if (in_transaction_) return;
  // Not in one text with parameters: a text that leaves a transaction open is an error there (266).
  session_.execute("SET XACT_ABORT ON; BEGIN TRANSACTION;");
  in_transaction_ = true;
  add(fence_sql(writer_, true));
  flush();
}

void SqlSink::apply(const Batch& batch) {
  ++stage_batch_;
  try {
    std::size_t ordered = 0;
    for (const auto& segment : batch.segments) ordered += segment.ordered.size() + segment.steps.size();
    const bool small = batch.segments.size() <= 1 && ordered < kMostValues / 8 &&
                       (batch.segments.empty() || batch.segments.front().net.size() < 100) &&
                       std::all_of(batch.segments.begin(), batch.segments.end(),
                                   [](const Segment& segment) { return segment.steps.empty(); });
    const bool at_once = small && batch.commits && !in_transaction_;
    if (!at_once) open_transaction();
    std::set<schema::TableName> used;
    std::vector<std::string> steps;
    for (const auto& segment : batch.segments) {
      for (const auto& part : segment.net) {
        stage_net(part);
        used.insert(part.table->stage());
        add_net_statements(part);
      }
      stage_ordered(segment, batch);
      for (const auto& change : segment.ordered) used.insert(change.table->stage());
      for (const auto& run : ordered_runs(segment, batch)) {
        if (run.op == NetOp::kDelete && run.table->keyless()) {
          add(delete_whole_row_sql(*run.table, run.range.first));
          add(expect_rows_sql(*run.table, "DELETE", 1));
        } else {
          add_ordered_run(run.table, run.op, run.range);
        }
      }
      if (at_once) continue;
      flush();
      for (const auto& step : segment.steps) {
        if (!step.stage_sql.empty()) bulk_.execute(step.stage_sql);
        if (!step.sql.empty()) session_.execute(step.sql, step.values);
        if (!step.summary.empty()) steps.push_back(step.summary);
        if (!step.after_sql.empty()) after_.push_back(step.after_sql);
      }
    }
    if (!at_once) hit(Failpoint::kApplyOpen);
    if (!batch.commits) return;
    Sql end = advance_sql(writer_, batch);
    // Behind everything else: it holds the stage until the commit.
    for (const auto& stage : used) end += {"TRUNCATE TABLE " + quote_mssql(stage) + ";", {}};
    if (at_once) {
      Sql whole{"SET XACT_ABORT ON; SET NOCOUNT ON; BEGIN TRANSACTION;\n", {}};
      whole += fence_sql(writer_, true);
      whole += std::exchange(script_, {});
      whole += end;
      whole.text += " COMMIT TRANSACTION;";
      hit(Failpoint::kBeforeCommit);
      session_.execute(whole.text, whole.values);
    } else {
      script_ += end;
      flush();
      hit(Failpoint::kBeforeCommit);
      session_.execute("COMMIT TRANSACTION;");
      in_transaction_ = false;
    }
    hit(Failpoint::kAfterCommit);
    for (const auto& stage : used) dirty_[stage] = false;
    for (const auto& sql : std::exchange(after_, {})) bulk_.execute(sql);
    if (on_step) {
      for (const auto& summary : steps) on_step(summary);
    }
  } catch (const sqlserver::QueryError& error) {
    rethrow(error, writer_);
  }
}

}  // namespace millrace::replication
