#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "replication/batch.hpp"

namespace millrace::replication {

/// A segment's net changes, then the ordered changes of each transaction, in their order, as segments of their own:
/// behind each the tables are as the source had them at a commit, all constraints hold. Without the steps.
std::vector<Segment> transactions_of(const Segment& segment);

/// In which order the net changes of tables with foreign keys are applied. None suits every transaction: a row may
/// need the unique value of one that goes, or go only once another refers to the row that comes.
enum class FoldOrder {
  kDeletesFirst,  ///< deletes, children first; then updates and inserts, parents first
  kDeletesLast,   ///< updates and inserts, parents first; then deletes, children first
  kInsertsLast    ///< deletes and updates, children first; then inserts, parents first
};

/// A transaction's ordered changes as net changes, each table's updates one statement: for values that change places
/// around a change of another table, which fold_runs() cannot bring together. Foreign keys and unique indexes hold at
/// the end of each statement, or SQL Server refuses it; what results is the same in every order.
/// `parents_first`: the batch's ordered tables with a key, each behind those that its foreign keys point at. Changes of
/// tables without key stay as they are, behind the others. Nothing: there are not two ordered changes. What is folded
/// is kept in `rows`, which must outlive the answer.
std::optional<Segment> fold_tables(const Segment& transaction, const Batch& batch, RowStore& rows, FoldOrder order,
                                   const std::vector<Table>& parents_first);

/// The tables with a key of a batch's ordered changes, each behind those that its foreign keys point at; tables that
/// point at each other in a circle stand in any order. `children(table)`: the target tables that point at it.
std::vector<Table> parents_first(const Batch& batch,
                                 const std::function<std::vector<schema::TableName>(const Table&)>& children);

}  // namespace millrace::replication
