#include "replication/segment_rows.hpp"

#include <string>
#include <utility>

namespace millrace::replication {

void for_each_row(const TableChanges& part, const StageRowVisit& visit) {
  std::int64_t seq = 0;
  part.changes.for_each([&](const NetChange& change) { visit(seq++, change); });
}

void for_each_row(const Segment& segment, const Batch& batch, const Table& table, const StageRowVisit& visit) {
  NetChange row;
  const auto give = [&](std::int64_t seq, NetOp op, RowStore::Offset key, RowStore::Offset values) {
    row.op = op;
    row.old_key.clear();
    row.row.clear();
    if (key != RowStore::kNone) batch.rows.read(key, row.old_key);
    if (values != RowStore::kNone) batch.rows.read(values, row.row);
    visit(seq, row);
  };
  for (std::size_t i = 0; i < segment.ordered.size(); ++i) {
    const auto& change = segment.ordered[i];
    if (change.table != table) continue;
    row.transaction = change.transaction;
    const auto seq = static_cast<std::int64_t>(2 * i);
    if (table->keyless() && change.old_row != RowStore::kNone)
      give(seq, NetOp::kDelete, RowStore::kNone, change.old_row);
    if (change.op == RowOp::kInsert || (change.op == RowOp::kUpdate && table->keyless())) {
      give(seq + 1, NetOp::kInsert, RowStore::kNone, change.row);
    } else if (change.op == RowOp::kUpdate) {
      give(seq, change.key_changed ? NetOp::kMove : NetOp::kUpdate, change.old_key, change.row);
    } else if (!table->keyless()) {
      give(seq, NetOp::kDelete, change.old_key, RowStore::kNone);
    }
  }
}

std::set<Table> ordered_tables(const Segment& segment) {
  std::set<Table> tables;
  for (const auto& change : segment.ordered) tables.insert(change.table);
  return tables;
}

std::vector<OrderedRun> ordered_runs(const Segment& segment, const Batch& batch) {
  std::vector<OrderedRun> runs;
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

}  // namespace millrace::replication
