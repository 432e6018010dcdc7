#pragma once

#include "replication/batch.hpp"

namespace millrace::replication {

/// An empty set of net changes of a table with a key whose rows stay the rows they are (FoldShape::moves), all of whose
/// updates are one statement. Rows are kept in `rows`, which must outlive it.
TableChanges folded_table(const Table& table, RowStore& rows);

/// Adds an ordered change of a batch, as the stream told it.
void fold_change(TableChanges& into, const Batch& batch, const OrderedChange& change);

}  // namespace millrace::replication
