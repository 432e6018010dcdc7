#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "replication/change_counts.hpp"
#include "replication/net_changes.hpp"
#include "replication/row_store.hpp"
#include "replication/table_binding.hpp"
#include "support/ids.hpp"

namespace millrace::replication {

using Table = std::shared_ptr<const TableBinding>;

/// The net changes of one table.
struct TableChanges {
  Table table;
  NetChanges changes;
  /// All updates, also of keys, are one statement: SQL Server looks at unique indexes and foreign keys at its end.
  bool at_once = false;
};

/// One of the statements by which a table's net changes are applied.
struct NetStatement {
  enum class Kind : std::uint8_t { kDelete, kUpdate, kInsert } kind = Kind::kDelete;
  std::size_t part = 0;  ///< which of Segment::net
};

enum class RowOp : std::uint8_t { kInsert, kUpdate, kDelete };

/// One change that keeps its place in the source's order.
struct OrderedChange {
  Table table;
  RowOp op = RowOp::kInsert;
  RowStore::Offset old_key = RowStore::kNone;  ///< key fields; kNone for inserts and keyless tables
  RowStore::Offset old_row = RowStore::kNone;  ///< whole old row, where the stream has it (FULL)
  RowStore::Offset row = RowStore::kNone;      ///< kNone for deletes
  bool key_changed = false;
  std::uint32_t transaction = 0;  ///< its number in Batch::origins
};

/// A source transaction that changed rows of a batch.
struct TransactionOrigin {
  Lsn commit_lsn;                ///< of its commit record
  std::int64_t commit_time = 0;  ///< microseconds since 2000-01-01 UTC
};

/// What a step tells once it is committed: docs/reference/events.md.
struct StepNews {
  enum class Kind {
    kApplied,   ///< a schema change that the target followed, or had no need to
    kIgnored,   ///< one that leaves the target alone
    kTruncated  ///< a TRUNCATE
  } kind = Kind::kApplied;
  schema::TableName table;  ///< of the source
  std::string message;      ///< names the change: "column note added: nvarchar(max)"
};

/// What happens to the target between row changes: a truncate or a schema change.
struct TargetStep {
  std::string sql;  ///< one or more statements, in the batch's transaction
  std::optional<StepNews> news = {};
  Lsn lsn = {};           ///< of the source transaction's commit record; 0: of none. Set by the builder
  std::string stage_sql;  ///< run before it on the bulk connection, and committed at once: a new stage table
  std::vector<std::optional<std::string>> values;  ///< of the '?' marks in `sql`
  std::string after_sql;  ///< run on the bulk connection once the transaction is committed: an old stage goes
  std::function<void()> committed = {};  ///< called by the applying thread after that
};

/// Row changes that may be applied together, then steps in their order. Net tables have no foreign keys on the target,
/// so that their order against the ordered changes does not matter, unless `net_order` says in which they are applied.
struct Segment {
  std::deque<TableChanges> net;
  std::vector<OrderedChange> ordered;
  std::vector<TargetStep> steps;
  std::vector<NetStatement> net_order = {};  ///< none: table by table, deletes, updates, inserts

  bool empty() const { return net.empty() && ordered.empty() && steps.empty(); }
};

/// Whole source transactions (or, when one is larger than memory, a piece of it) on their way to the target.
/// Handed from the thread that reads to the thread that applies.
struct Batch {
  RowStore rows;
  std::deque<Segment> segments;
  std::vector<TransactionOrigin> origins;  ///< in commit order
  bool commits = true;           ///< false: more of the last transaction follows; the target's transaction stays open
  Lsn end_lsn;                   ///< behind the last whole transaction: where streaming goes on after it
  std::int64_t commit_time = 0;  ///< of the last transaction, microseconds since 2000-01-01 UTC; 0: none
  std::int64_t received_us = 0;  ///< steady clock when its first change came
  std::uint64_t transactions = 0;
  std::uint64_t changes = 0;
  /// What makes up `changes`; a table is named again when its shape changed.
  std::deque<std::pair<Table, ChangeCounts>> counts;

  bool empty() const { return segments.empty(); }
};

}  // namespace millrace::replication
