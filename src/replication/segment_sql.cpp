#include "replication/segment_sql.hpp"

#include "replication/segment_rows.hpp"

namespace millrace::replication {
namespace {

class Statements {
 public:
  Statements(StageTables& stages, const std::function<void(const Sql&)>& add) : stages_(stages), add_(add) {}

  void net(const TableChanges& part, NetStatement::Kind kind) {
    switch (kind) {
      case NetStatement::Kind::kDelete:
        return deletes(part);
      case NetStatement::Kind::kUpdate:
        return updates(part);
      case NetStatement::Kind::kInsert:
        return inserts(part);
    }
  }

  void ordered(const OrderedRun& run) {
    const TableBinding& table = *run.table;
    if (run.op == NetOp::kDelete && table.keyless()) {
      add_(delete_whole_row_sql(table, run.range.first));
      return add_(expect_rows_sql(table, "DELETE", 1));
    }
    const auto rows = (run.range.last - run.range.first) / 2 + 1;
    switch (run.op) {
      case NetOp::kInsert:
        add_(insert_sql(table, {run.op}, run.range));
        return add_(expect_rows_sql(table, "INSERT", rows));
      case NetOp::kDelete:
      case NetOp::kReplace:
        add_(delete_sql(table, {run.op}, run.range));
        return add_(expect_rows_sql(table, "DELETE", rows));
      case NetOp::kMove:
      case NetOp::kUpdate:
        add_(update_sql(table, run.op, stages_.rows_of(run.table).masks(), run.range));
        return add_(expect_rows_sql(table, "UPDATE", rows));
    }
  }

 private:
  static std::int64_t rows(const TableChanges& part, NetOp op) {
    return static_cast<std::int64_t>(part.changes.count(op));
  }

  void deletes(const TableChanges& part) {
    const auto count = rows(part, NetOp::kDelete) + rows(part, NetOp::kReplace);
    if (count == 0) return;
    add_(delete_sql(*part.table, {NetOp::kDelete, NetOp::kReplace}));
    add_(expect_rows_sql(*part.table, "DELETE", count));
  }

  void updates(const TableChanges& part) {
    const TableBinding& table = *part.table;
    const auto& masks = stages_.rows_of(part.table).masks();
    if (part.at_once && rows(part, NetOp::kMove) > 0) {
      add_(update_all_sql(table, masks));
      return add_(expect_rows_sql(table, "UPDATE", rows(part, NetOp::kMove) + rows(part, NetOp::kUpdate)));
    }
    for (const auto op : {NetOp::kMove, NetOp::kUpdate}) {
      if (rows(part, op) == 0) continue;
      add_(update_sql(table, op, masks));
      add_(expect_rows_sql(table, "UPDATE", rows(part, op)));
    }
  }

  void inserts(const TableChanges& part) {
    const auto count = rows(part, NetOp::kInsert) + rows(part, NetOp::kReplace);
    if (count == 0) return;
    add_(insert_sql(*part.table, {NetOp::kInsert, NetOp::kReplace}));
    add_(expect_rows_sql(*part.table, "INSERT", count));
  }

  StageTables& stages_;
  const std::function<void(const Sql&)>& add_;
};

}  // namespace

void for_each_statement(const Segment& segment, const Batch& batch, StageTables& stages,
                        const std::function<void(const Sql&)>& add) {
  using Kind = NetStatement::Kind;
  Statements statements(stages, add);
  if (segment.net_order.empty()) {
    for (const auto& part : segment.net) {
      for (const auto kind : {Kind::kDelete, Kind::kUpdate, Kind::kInsert}) statements.net(part, kind);
    }
  }
  for (const auto& each : segment.net_order) statements.net(segment.net.at(each.part), each.kind);
  for (const auto& run : ordered_runs(segment, batch)) statements.ordered(run);
}

}  // namespace millrace::replication
