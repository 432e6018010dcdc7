#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include "pgoutput/messages.hpp"
#include "replication/row_store.hpp"

namespace millrace::replication {

/// What becomes of one row within a batch. The order of the values is the order in which they are applied.
enum class NetOp : std::uint8_t {
  kDelete = 1,   ///< the row that had old_key before the batch is gone
  kReplace = 2,  ///< it has another key now and every column is known: delete the old, insert the new
  kMove = 3,     ///< it has another key now and some columns were not sent: the key of the row there is changed
  kUpdate = 4,   ///< same key; columns that were not sent (kUnchanged) stay as they are
  kInsert = 5    ///< a row that was not there before the batch
};

/// One row's net change. Tuples are in the binding's column order; `old_key` holds the key's fields in key order.
struct NetChange {
  NetOp op = NetOp::kInsert;
  pgoutput::Tuple old_key;        ///< empty for kInsert
  pgoutput::Tuple row;            ///< empty for kDelete
  std::uint32_t transaction = 0;  ///< the last one that changed the row, see NetChanges::at()
};

/// The shape that folding needs of a table.
struct FoldShape {
  std::string table;  ///< for errors
  std::size_t columns = 0;
  std::vector<std::size_t> key;  ///< positions of the key's columns; never empty
  /// A row whose key changes stays the row it is: kMove, never kReplace. So does one that is deleted while another
  /// takes its key: kUpdate, not kDelete and kInsert.
  bool moves = false;
};

/// Folds the changes of one table into one net change per row. Rows are kept in `store`, which outlives it.
/// Rules: the last state of a row wins; columns that an UPDATE did not send keep what an earlier change of the batch
/// said, else they stay unsent; a row is followed through changes of its key, so that swaps and chains of keys come out
/// as deletes (of the keys before the batch) before inserts (of the keys after it). Not thread-safe.
class NetChanges {
 public:
  NetChanges(FoldShape shape, RowStore& store) : shape_(std::move(shape)), store_(store) {}

  /// The changes that follow are of this transaction, by its number in the batch.
  void at(std::uint32_t transaction) { transaction_ = transaction; }
  void insert(const pgoutput::Tuple& row);
  /// `old`: the whole old row (kFull) or one that holds at least the key's fields (kKey); unused for kNone.
  /// Throws Error kTableUnsupported when a key column's value was not sent at all (a TOASTed key).
  void update(pgoutput::OldTuple old_kind, const pgoutput::Tuple& old, const pgoutput::Tuple& row);
  void remove(pgoutput::OldTuple old_kind, const pgoutput::Tuple& old);

  /// Calls `visit` for each row that changed, in the order in which rows were first met. Views live during the call.
  void for_each(const std::function<void(const NetChange&)>& visit) const;
  /// Rows that for_each would visit with this operation.
  std::size_t count(NetOp op) const;
  bool empty() const { return entries_.empty(); }
  std::size_t changes() const { return changes_; }
  /// Memory beside the row store's, about.
  std::size_t bytes() const;

 private:
  struct Entry {
    RowStore::Offset origin = RowStore::kNone;  ///< key before the batch; none: not there before
    RowStore::Offset row = RowStore::kNone;     ///< last state; none: gone
    bool moved = false;                         ///< the key now is not the origin's
    bool complete = true;                       ///< every column is known
    std::uint32_t transaction = 0;
  };
  using EntryIndex = std::uint32_t;

  std::string key_of(const pgoutput::Tuple& row) const;
  std::string origin_key(const Entry& entry) const;
  bool revive(const std::string& key, const pgoutput::Tuple& row);
  RowStore::Offset store_key(const pgoutput::Tuple& row);
  bool same_row(const Entry& entry, const pgoutput::Tuple& old) const;
  /// The entry whose row has this key now, taken out of the index; none: the batch has not touched the row.
  bool take(const std::string& key, pgoutput::OldTuple old_kind, const pgoutput::Tuple& old, EntryIndex& found);
  NetOp op_of(const Entry& entry) const;
  static bool lives(const Entry& entry) { return entry.origin != RowStore::kNone || entry.row != RowStore::kNone; }

  FoldShape shape_;
  RowStore& store_;
  std::vector<Entry> entries_;
  /// Several rows have one key for a moment only where the key is deferrable, which needs REPLICA IDENTITY FULL.
  std::unordered_multimap<std::string, EntryIndex> by_key_;
  /// Where moves: entries of rows that are gone, by the key before the batch.
  std::unordered_map<std::string, EntryIndex> gone_;
  std::uint32_t transaction_ = 0;
  std::size_t changes_ = 0;
  std::size_t key_bytes_ = 0;
  mutable pgoutput::Tuple scratch_;
  pgoutput::Tuple merged_;
  pgoutput::Tuple key_fields_;
};

}  // namespace millrace::replication
