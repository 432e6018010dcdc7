#pragma once

#include <memory>
#include <vector>

#include "replication/batch.hpp"

namespace millrace::replication {

/// The segment with each run of consecutive ordered changes of one table with a key as net changes, all of whose
/// updates are one statement: rows whose unique values or keys exchange places, or are two rows' until the
/// transaction's end (DEFERRABLE constraints on the source), cannot be applied one by one. Between the first and the
/// last change of a run no other table changes, so that foreign keys hold before it and behind it. Nothing: there is no
/// run of two or more. What is folded is kept in `rows`, which must outlive the answer.
std::vector<Segment> fold_runs(const Segment& segment, const Batch& batch, RowStore& rows);

/// The same of a whole batch. The new one refers to rows of `batch`, which must outlive it.
std::unique_ptr<Batch> fold_ordered(const Batch& batch);

}  // namespace millrace::replication
