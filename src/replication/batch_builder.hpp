#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "pgoutput/messages.hpp"
#include "replication/batch.hpp"
#include "replication/relation_map.hpp"

namespace millrace::replication {

/// Turns the messages of committed transactions, in commit order, into batches. Not thread-safe.
class BatchBuilder {
 public:
  /// `referenced(table)`: a foreign key of another table points at the target table (TRUNCATE is refused there).
  using Referenced = std::function<bool(const TableBinding&)>;
  /// `truncates`: false ignores TRUNCATE.
  BatchBuilder(RelationMap& relations, SchemaWatcher& watcher, Referenced referenced, bool truncates);

  /// Where the stream begins: what the target has already.
  void start(Lsn checkpoint);
  /// A transaction opens; `commit_lsn` is its commit record's position.
  void begin(Lsn commit_lsn, std::int64_t commit_time = 0);
  /// Relation, Insert, Update, Delete, Truncate, and messages of the DDL capture; others are nothing to a batch.
  void change(const pgoutput::Message& message);
  void commit(Lsn end_lsn, std::int64_t commit_time);
  /// Behind the changes so far, before those that follow.
  void add_steps(std::vector<TargetStep> steps);
  /// Lets the watcher look at the source; no transaction is open.
  void look();
  /// No transaction is open, and everything before `lsn` has been seen: moves the checkpoint on.
  void advance(Lsn lsn);

  bool in_transaction() const { return in_transaction_; }
  /// Bytes that the batch holds.
  std::size_t bytes() const;
  /// True when there is something to apply or a position to record.
  bool pending() const { return batch_->end_lsn.value() > taken_lsn_.value() || !batch_->empty(); }
  Lsn end_lsn() const { return batch_->end_lsn; }
  const Batch& batch() const { return *batch_; }

  /// The batch so far; inside a transaction it is a piece that does not commit.
  std::unique_ptr<Batch> take();

 private:
  void row(const pgoutput::Insert& message);
  void row(const pgoutput::Update& message);
  void row(const pgoutput::Delete& message);
  void truncate(const pgoutput::Truncate& message);
  void relation(const pgoutput::Relation& message);
  void ddl(std::string_view content);
  BeforeLoad before_load() const;
  bool skipped(RelationEntry& entry);
  Segment& segment();
  NetChanges& net(RelationEntry& entry);
  /// Counts of the entry's table in the batch.
  ChangeCounts& counts(RelationEntry& entry);
  /// The open transaction's number in the batch.
  std::uint32_t origin();
  void add_ordered(const RelationEntry& entry, OrderedChange change);
  RowStore::Offset store_key(const TableBinding& table, const pgoutput::Tuple& row);

  RelationMap& relations_;
  SchemaWatcher& watcher_;
  Referenced referenced_;
  bool truncates_;
  std::unique_ptr<Batch> batch_;
  std::uint64_t segment_number_ = 1;
  std::uint64_t batch_number_ = 1;
  bool in_transaction_ = false;
  Lsn transaction_lsn_;
  std::int64_t transaction_time_ = 0;
  bool origin_known_ = false;
  Lsn taken_lsn_;
  pgoutput::Tuple row_;
  pgoutput::Tuple old_;
  pgoutput::Tuple key_;
};

}  // namespace millrace::replication
