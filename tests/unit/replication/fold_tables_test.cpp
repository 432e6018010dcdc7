#include "replication/fold_tables.hpp"

#include <gtest/gtest.h>

#include "binding_fixture.hpp"
#include "replication/batch_builder.hpp"
#include "tuples.hpp"

namespace millrace::replication {
namespace {

using pgoutput::OldTuple;
using Lines = std::vector<std::string>;

std::shared_ptr<TableBinding> keyed_table(const std::string& name, std::uint32_t oid) {
  auto source = source_table(name, {column(1, "id", "int4", 23, true), column(2, "code", "text", 25)}, {"id"});
  source.oid = {oid};
  return bind(source, ApplyMode::kOrdered);
}

/// parent and child have foreign keys on the target, apart has none.
class FoldTables : public testing::Test {
 protected:
  void SetUp() override {
    for (const auto& table : {child_, parent_}) use(table);
    use(apart_);
    builder_.begin(Lsn(100));
  }

  void use(const std::shared_ptr<TableBinding>& table) {
    relations_.bind(table);
    std::vector<TargetStep> steps;
    relations_.announce(relation_of(*table, table->plan().source.oid.value), watcher_, steps);
  }
  void insert(const Table& table, std::string_view row) {
    builder_.change(pgoutput::Insert{.relation = table->plan().source.oid, .row = tuple(row)});
  }
  void update(const Table& table, std::string_view row) {
    builder_.change(pgoutput::Update{
        .relation = table->plan().source.oid, .old_kind = OldTuple::kNone, .old = {}, .row = tuple(row)});
  }
  void remove(const Table& table, std::string_view key) {
    builder_.change(
        pgoutput::Delete{.relation = table->plan().source.oid, .old_kind = OldTuple::kKey, .old = tuple(key)});
  }

  /// Of each transaction, in the order in which the statements would be applied.
  Lines applied(FoldOrder order) {
    if (!batch_) batch_ = builder_.take();
    const auto tables = parents_first(*batch_, [this](const Table& table) {
      return table == parent_ ? std::vector<schema::TableName>{{"DBO", "CHILD"}, {"dbo", "stranger"}}
                              : std::vector<schema::TableName>{};
    });
    Lines lines;
    for (const auto& segment : batch_->segments) {
      for (const auto& part : transactions_of(segment)) {
        RowStore rows;
        const auto folded = fold_tables(part, *batch_, rows, order, tables);
        if (!lines.empty()) lines.emplace_back("--");
        if (!folded) lines.push_back(part.net.empty() ? "one change" : "net changes");
        if (!folded) continue;
        for (const auto& statement : folded->net_order) add(lines, *folded, statement);
        for (const auto& change : folded->ordered) lines.push_back(change.table->source().name + ": as it was");
      }
    }
    return lines;
  }

  static void add(Lines& lines, const Segment& segment, NetStatement statement) {
    const auto& part = segment.net.at(statement.part);
    part.changes.for_each([&](const NetChange& change) {
      const auto kind = change.op == NetOp::kDelete   ? NetStatement::Kind::kDelete
                        : change.op == NetOp::kInsert ? NetStatement::Kind::kInsert
                                                      : NetStatement::Kind::kUpdate;
      if (kind == statement.kind) lines.push_back(part.table->source().name + ": " + show(change));
    });
  }

  RelationMap relations_;
  FakeWatcher watcher_;
  BatchBuilder builder_{relations_, watcher_, [](const TableBinding&) { return true; }, true};
  std::shared_ptr<TableBinding> child_ = keyed_table("child", 20001);
  std::shared_ptr<TableBinding> parent_ = keyed_table("parent", 20002);
  std::shared_ptr<TableBinding> apart_ = orders();
  std::unique_ptr<Batch> batch_;
};

TEST_F(FoldTables, EachOrderKeepsParentsAndChildrenApart) {
  update(parent_, "1,b");
  remove(child_, "7,~");
  insert(parent_, "3,c");
  update(child_, "8,x");
  remove(parent_, "2,~");
  insert(child_, "9,y");
  update(parent_, "1,d");
  EXPECT_EQ(applied(FoldOrder::kDeletesFirst),
            (Lines{"child: delete 7", "parent: delete 2", "parent: update 1: 1,d", "parent: insert 3,c",
                   "child: update 8: 8,x", "child: insert 9,y"}));
  EXPECT_EQ(applied(FoldOrder::kDeletesLast),
            (Lines{"parent: update 1: 1,d", "parent: insert 3,c", "child: update 8: 8,x", "child: insert 9,y",
                   "child: delete 7", "parent: delete 2"}));
  EXPECT_EQ(applied(FoldOrder::kInsertsLast),
            (Lines{"child: delete 7", "child: update 8: 8,x", "parent: delete 2", "parent: update 1: 1,d",
                   "parent: insert 3,c", "child: insert 9,y"}));
}

TEST_F(FoldTables, NothingIsFoldedOverACommit) {
  insert(apart_, "5,n,t");
  update(parent_, "1,b");
  update(child_, "7,x");
  builder_.commit(Lsn(110), 0);
  builder_.begin(Lsn(200));
  update(parent_, "1,c");
  builder_.commit(Lsn(210), 0);
  builder_.begin(Lsn(300));
  insert(apart_, "6,n,t");
  update(child_, "7,y");
  update(parent_, "1,d");
  EXPECT_EQ(applied(FoldOrder::kDeletesFirst),
            (Lines{"net changes", "--", "parent: update 1: 1,b", "child: update 7: 7,x", "--", "one change", "--",
                   "parent: update 1: 1,d", "child: update 7: 7,y"}));
}

TEST_F(FoldTables, NorOverAStep) {
  update(parent_, "1,b");
  update(child_, "7,x");
  builder_.change(pgoutput::Truncate{.relations = {child_->plan().source.oid}});
  update(parent_, "1,c");
  insert(child_, "7,y");
  EXPECT_EQ(applied(FoldOrder::kDeletesFirst), (Lines{"parent: update 1: 1,b", "child: update 7: 7,x", "--",
                                                      "parent: update 1: 1,c", "child: insert 7,y"}));
}

TEST_F(FoldTables, RowsWithoutKeyKeepTheirOrder) {
  auto log = log_table();
  use(log);
  insert(log, "-,a,-,-,-");
  update(parent_, "1,b");
  insert(log, "-,b,-,-,-");
  update(parent_, "1,c");
  EXPECT_EQ(applied(FoldOrder::kDeletesFirst), (Lines{"parent: update 1: 1,c", "log: as it was", "log: as it was"}));
}

}  // namespace
}  // namespace millrace::replication
