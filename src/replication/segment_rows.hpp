#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <vector>

#include "replication/apply_sql.hpp"
#include "replication/batch.hpp"
#include "replication/net_changes.hpp"

namespace millrace::replication {

/// Called with a stage row's place and what it holds; views live during the call. A row that a table without key loses
/// has op kDelete, no key, and the whole old row.
using StageRowVisit = std::function<void(std::int64_t seq, const NetChange& row)>;

/// The stage rows of a table whose net changes are applied: one each, numbered from 0.
void for_each_row(const TableChanges& part, const StageRowVisit& visit);
/// Those of a table whose changes keep their order. Each change has two places, 2 i and 2 i + 1 for the segment's i-th:
/// an update of a table without key is a delete and an insert.
void for_each_row(const Segment& segment, const Batch& batch, const Table& table, const StageRowVisit& visit);

/// The tables of a segment's ordered changes.
std::set<Table> ordered_tables(const Segment& segment);

/// Consecutive changes of one table and one kind that one statement may apply.
struct OrderedRun {
  Table table;
  NetOp op = NetOp::kInsert;
  SeqRange range;
};

/// The runs of a segment, in order. Rows that tables without key lose, and keys that change, are runs of one.
std::vector<OrderedRun> ordered_runs(const Segment& segment, const Batch& batch);

}  // namespace millrace::replication
