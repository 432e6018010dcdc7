#include "null_sinks.hpp"

namespace millrace::bench {

using replication::Batch;
using replication::NetChange;
using replication::NetOp;
using replication::RowOp;
using replication::RowStore;
using replication::Segment;

void NullSink::apply(const Batch& batch) {
  if (batch.changes == 0) return;
  take(batch);
  measured_.rows += batch.changes;
  measured_.bytes += batch.rows.bytes();
  watch_.lap(measured_);
}

replication::StageRows& EncodeSink::rows_of(const replication::Table& table) {
  auto& rows = rows_[table.get()];
  if (!rows) rows = std::make_unique<replication::StageRows>(*table);
  return *rows;
}

void EncodeSink::take(const Batch& batch) {
  for (const auto& segment : batch.segments) {
    for (const auto& part : segment.net) {
      auto& rows = rows_of(part.table);
      rows.clear_masks();
      std::int64_t seq = 0;
      part.changes.for_each([&](const NetChange& change) { rows.encode(1, seq++, change); });
    }
    take_ordered(segment, batch);
  }
}

void EncodeSink::take_ordered(const Segment& segment, const Batch& batch) {
  for (std::size_t i = 0; i < segment.ordered.size(); ++i) {
    const auto& ordered = segment.ordered[i];
    change_.op = ordered.op == RowOp::kInsert   ? NetOp::kInsert
                 : ordered.op == RowOp::kUpdate ? NetOp::kUpdate
                                                : NetOp::kDelete;
    change_.old_key.clear();
    change_.row.clear();
    if (ordered.old_key != RowStore::kNone) batch.rows.read(ordered.old_key, change_.old_key);
    const auto row = ordered.row != RowStore::kNone ? ordered.row : ordered.old_row;
    if (row != RowStore::kNone) batch.rows.read(row, change_.row);
    rows_of(ordered.table).encode(1, static_cast<std::int64_t>(i), change_);
  }
}

}  // namespace millrace::bench
