#include "replication/fold_change.hpp"

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

}  // namespace

TableChanges folded_table(const Table& table, RowStore& rows) {
  return {.table = table,
          .changes = NetChanges({.table = table->source().to_string(),
                                 .columns = table->columns().size(),
                                 .key = table->key(),
                                 .moves = true},
                                rows),
          .at_once = true};
}

void fold_change(TableChanges& into, const Batch& batch, const OrderedChange& change) {
  Tuple row;
  Tuple old;
  NetChanges& changes = into.changes;
  changes.at(change.transaction);
  if (change.row != RowStore::kNone) batch.rows.read(change.row, row);
  if (change.op == RowOp::kInsert) return changes.insert(row);
  const auto kind = old_row_of(batch, change, old);
  if (change.op == RowOp::kUpdate) return changes.update(kind, old, row);
  changes.remove(kind, old);
}

}  // namespace millrace::replication
