#include "replication/verify_repair.hpp"

#include <fmt/format.h>

#include <unordered_map>
#include <utility>

#include "replication/apply_sql.hpp"
#include "replication/bound_tables.hpp"
#include "replication/stage_cleanup.hpp"
#include "replication/stage_rows.hpp"
#include "support/error.hpp"
#include "support/failpoint.hpp"

namespace millrace::replication {
namespace {

constexpr std::size_t kRepairedAtOnce = 500;
constexpr int kRepairTries = 5;

schema::Cell cell_of(const TableBinding& table, const WholeRow& row, std::size_t column) {
  const auto& bytes = row.values[column];
  return bytes ? canonical_cell(table.columns()[column].kind, *bytes) : schema::Cell{};
}

/// In the order of stage_columns().
std::vector<schema::Cell> stage_cells(const TableBinding& table, std::int64_t seq, const RepairRow& repair) {
  std::vector<schema::Cell> cells(4);
  set_integer(cells[0], 0);
  set_integer(cells[1], seq);
  set_integer(cells[2], static_cast<std::int64_t>(repair.op));
  set_integer(cells[3], 0);
  for (const auto column : table.key()) cells.push_back(cell_of(table, *repair.row, column));
  for (std::size_t i = 0; i < table.columns().size(); ++i) cells.push_back(cell_of(table, *repair.row, i));
  return cells;
}

std::unordered_map<std::int64_t, std::vector<const WholeRow*>> by_identity(const std::vector<WholeRow>& rows) {
  std::unordered_map<std::int64_t, std::vector<const WholeRow*>> found;
  for (const auto& row : rows) found[row.hash.identity].push_back(&row);
  return found;
}

Print print_of(const std::vector<const WholeRow*>& rows) {
  Print print;
  for (const auto* row : rows) print.add(row->hash);
  return print;
}

Sql write_sql(const TableBinding& table, const std::vector<RepairRow>& rows) {
  Sql sql;
  if (table.keyless()) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (rows[i].op == NetOp::kDelete) sql += delete_whole_row_sql(table, static_cast<std::int64_t>(i));
    }
  } else {
    sql += delete_sql(table, {NetOp::kDelete, NetOp::kReplace});
    sql += update_sql(table, NetOp::kUpdate, Masks{std::vector<bool>(table.columns().size(), false)});
  }
  sql += insert_sql(table, {NetOp::kInsert, NetOp::kReplace});
  return sql;
}

}  // namespace

std::vector<RepairRow> plan_repair(bool keyless, const std::vector<const WholeRow*>& source,
                                   const std::vector<const WholeRow*>& target) {
  std::vector<RepairRow> rows;
  if (keyless) {
    for (std::size_t i = source.size(); i < target.size(); ++i) rows.push_back({NetOp::kDelete, target[i]});
    for (std::size_t i = target.size(); i < source.size(); ++i) rows.push_back({NetOp::kInsert, source[i]});
    return rows;
  }
  if (source.empty()) {
    if (!target.empty()) rows.push_back({NetOp::kDelete, target.front()});
    return rows;
  }
  const auto op = target.empty() ? NetOp::kInsert : target.size() == 1 ? NetOp::kUpdate : NetOp::kReplace;
  rows.push_back({op, source.front()});
  return rows;
}

TableRepair::TableRepair(const RunPlan& plan, const TableBinding& table, const SourceRows& source, bool by_key)
    : plan_(plan), table_(table), source_(source), by_key_(by_key), session_(plan.target), bulk_(plan.target) {
  session_.execute("SET DEADLOCK_PRIORITY LOW");
  if (!lock_repair(session_, plan.pipeline)) {
    throw Error(ErrorCode::kPipelineState, "Another `millrace verify --repair` of this pipeline is at work.",
                {.pipeline = plan.pipeline});
  }
  drop_repair_stages(session_, plan.pipeline);
  make_stage(session_, table);
}

TableRepair::~TableRepair() {
  try {
    session_.rollback_quietly();
    session_.execute("DROP TABLE IF EXISTS " + schema::quote_mssql(table_.stage()));
  } catch (const Error&) {
    // The next repair of this table begins with dropping it.
    return;
  }
}

std::int64_t TableRepair::repair(const Suspects& different, const std::stop_token& stop) {
  std::int64_t repaired = 0;
  Suspects piece;
  for (const auto& row : different) {
    if (row.second.source.unfit > 0) continue;
    piece.insert(row);
    if (piece.size() < kRepairedAtOnce) continue;
    repaired += repair_patiently(std::exchange(piece, {}), stop);
  }
  if (!piece.empty()) repaired += repair_patiently(piece, stop);
  return repaired;
}

std::int64_t TableRepair::repair_patiently(const Suspects& piece, const std::stop_token& stop) {
  for (int tries = 1;; ++tries) {
    try {
      return repair_piece(piece, stop);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kTargetBusy || tries == kRepairTries || stop.stop_requested()) throw;
      // What was loaded when the transaction ended is still there.
      session_.execute("TRUNCATE TABLE " + schema::quote_mssql(table_.stage()));
    }
  }
}

std::int64_t TableRepair::repair_piece(const Suspects& piece, const std::stop_token& stop) {
  try {
    session_.execute("SET XACT_ABORT ON; BEGIN TRANSACTION;");
    session_.execute("UPDATE [millrace].[checkpoint] SET fence = fence WHERE pipeline = ?", {plan_.pipeline});
    std::unordered_map<std::int64_t, Print> prints;
    const auto source = source_rows(source_, table_, piece, prints, stop);
    const auto target = TargetRows(session_, table_, by_key_, true).whole_rows(piece);
    auto on_source = by_identity(source);
    auto on_target = by_identity(target);

    std::vector<RepairRow> rows;
    for (const auto& [identity, suspect] : piece) {
      if (!(prints[identity] == suspect.source)) continue;
      if (!print_of(on_target[identity]).same_content(suspect.target)) continue;
      for (const auto& row : plan_repair(table_.keyless(), on_source[identity], on_target[identity])) {
        rows.push_back(row);
      }
    }
    if (!rows.empty()) {
      std::vector<sqlserver::BulkColumn> columns;
      for (const auto& column : stage_columns(table_)) columns.push_back({column.name, column.type});
      sqlserver::BulkWriter writer(bulk_, table_.stage(), columns);
      for (std::size_t i = 0; i < rows.size(); ++i) {
        writer.write(stage_cells(table_, static_cast<std::int64_t>(i), rows[i]));
      }
      writer.finish();
      hit(Failpoint::kRepairStaged);
      const auto sql = write_sql(table_, rows);
      session_.execute(sql.text, sql.values);
      session_.execute("TRUNCATE TABLE " + schema::quote_mssql(table_.stage()));
    }
    session_.execute("COMMIT TRANSACTION;");
    return static_cast<std::int64_t>(rows.size());
  } catch (...) {
    session_.rollback_quietly();
    throw;
  }
}

}  // namespace millrace::replication
