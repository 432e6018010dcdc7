#include "replication/fold_ordered.hpp"

#include <utility>

namespace millrace::replication {
namespace {

using pgoutput::OldTuple;
using pgoutput::Tuple;

/// The old row as the stream may have sent it: whole, or the key's fields alone.
OldTuple old_row_of(const Batch& batch, const OrderedChange& change, Tuple& old) {
  if (change.old_row != RowStore::kNone) {
    batch.rows.read(change.old_row, old);
    return OldTuple::kFull;
  }
  Tuple key;
  batch.rows.read(change.old_key, key);
  old.assign(change.table->columns().size(), {});
  for (std::size_t i = 0; i < key.size(); ++i) old[change.table->key()[i]] = key[i];
  return OldTuple::kKey;
}

void add(NetChanges& changes, const Batch& batch, const OrderedChange& change) {
  Tuple row;
  Tuple old;
  changes.at(change.transaction);
  if (change.row != RowStore::kNone) batch.rows.read(change.row, row);
  if (change.op == RowOp::kInsert) return changes.insert(row);
  const auto kind = old_row_of(batch, change, old);
  if (change.op == RowOp::kUpdate) return changes.update(kind, old, row);
  changes.remove(kind, old);
}

/// Behind the last of the segments that were made so far, which must not have changes that come later in its order.
Segment& next(std::deque<Segment>& segments, bool& open) {
  if (!std::exchange(open, true)) segments.emplace_back();
  return segments.back();
}

}  // namespace

std::unique_ptr<Batch> fold_ordered(const Batch& batch) {
  auto folded = std::make_unique<Batch>();
  folded->rows = batch.rows;
  folded->origins = batch.origins;
  folded->commits = batch.commits;
  folded->end_lsn = batch.end_lsn;
  folded->commit_time = batch.commit_time;
  folded->transactions = batch.transactions;
  folded->changes = batch.changes;
  bool found = false;
  for (const auto& segment : batch.segments) {
    bool open = true;
    folded->segments.push_back({.net = segment.net, .ordered = {}, .steps = {}});
    for (std::size_t i = 0; i < segment.ordered.size();) {
      const auto& table = segment.ordered[i].table;
      auto end = i + 1;
      while (end < segment.ordered.size() && segment.ordered[end].table == table) ++end;
      if (table->keyless() || end - i < 2) {
        auto& ordered = next(folded->segments, open).ordered;
        for (; i < end; ++i) ordered.push_back(segment.ordered[i]);
        continue;
      }
      found = true;
      folded->segments.emplace_back();
      open = false;
      folded->segments.back().net.push_back({.table = table,
                                             .changes = NetChanges({.table = table->source().to_string(),
                                                                    .columns = table->columns().size(),
                                                                    .key = table->key(),
                                                                    .moves = true},
                                                                   folded->rows),
                                             .at_once = true});
      for (; i < end; ++i) add(folded->segments.back().net.back().changes, batch, segment.ordered[i]);
    }
    folded->segments.back().steps = segment.steps;
  }
  if (!found) return nullptr;
  return folded;
}

}  // namespace millrace::replication
