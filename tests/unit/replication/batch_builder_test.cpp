#include "replication/batch_builder.hpp"

#include <gtest/gtest.h>

#include "binding_fixture.hpp"
#include "support/error.hpp"
#include "tuples.hpp"

namespace millrace::replication {
namespace {

using pgoutput::OldTuple;

constexpr Oid kOrdersOid{16384};
constexpr Oid kLogOid{16385};
constexpr Oid kOther{3};

class Builder : public testing::Test {
 protected:
  void SetUp() override { use(orders()); }

  void use(const std::shared_ptr<TableBinding>& table) {
    table_ = table;
    relations_.bind(table);
    std::vector<TargetStep> steps;
    relations_.announce(relation_of(*table, kOrdersOid.value), watcher_, steps);
  }
  void use_log() {
    log_ = log_table();
    relations_.bind(log_);
    std::vector<TargetStep> steps;
    relations_.announce(relation_of(*log_, kLogOid.value), watcher_, steps);
  }

  void insert(Oid relation, std::string_view row) {
    builder_.change(pgoutput::Insert{.relation = relation, .row = tuple(row)});
  }
  void update(Oid relation, std::string_view row, OldTuple kind = OldTuple::kNone, std::string_view old = "") {
    builder_.change(pgoutput::Update{.relation = relation, .old_kind = kind, .old = tuple(old), .row = tuple(row)});
  }
  void remove(Oid relation, OldTuple kind, std::string_view old) {
    builder_.change(pgoutput::Delete{.relation = relation, .old_kind = kind, .old = tuple(old)});
  }

  /// One line a net change, an ordered change or a step; "--" between segments.
  std::vector<std::string> taken() {
    batch_ = builder_.take();
    std::vector<std::string> text;
    const auto stored = [&](RowStore::Offset at) {
      pgoutput::Tuple row;
      if (at == RowStore::kNone) return std::string("none");
      batch_->rows.read(at, row);
      return show(row);
    };
    for (const auto& segment : batch_->segments) {
      if (&segment != &batch_->segments.front()) text.emplace_back("--");
      for (const auto& part : segment.net) {
        part.changes.for_each(
            [&](const NetChange& change) { text.push_back(part.table->source().name + ": " + show(change)); });
      }
      for (const auto& change : segment.ordered) {
        static const char* const kNames[] = {"insert", "update", "delete"};
        std::string line = change.table->source().name + ": then " + kNames[static_cast<int>(change.op)];
        if (change.old_key != RowStore::kNone) line += " key " + stored(change.old_key);
        if (change.old_row != RowStore::kNone) line += " row " + stored(change.old_row);
        if (change.row != RowStore::kNone) line += ": " + stored(change.row);
        text.push_back(line + (change.key_changed ? " (moved)" : ""));
      }
      for (const auto& step : segment.steps) text.push_back("step " + step.sql);
    }
    return text;
  }
  using Lines = std::vector<std::string>;

  RelationMap relations_;
  FakeWatcher watcher_;
  bool referenced_ = false;
  BatchBuilder builder_{relations_, watcher_, [this](const TableBinding&) { return referenced_; }, true};
  std::shared_ptr<TableBinding> table_;
  std::shared_ptr<TableBinding> log_;
  std::unique_ptr<Batch> batch_;
};

TEST_F(Builder, FoldsOverTransactions) {
  builder_.begin(Lsn(100));
  insert(kOrdersOid, "1,a,t");
  EXPECT_TRUE(builder_.in_transaction());
  builder_.commit(Lsn(110), 5000);
  builder_.begin(Lsn(200));
  update(kOrdersOid, "1,b,f");
  insert(kOrdersOid, "2,c,t");
  builder_.commit(Lsn(210), 6000);
  EXPECT_TRUE(builder_.pending());
  EXPECT_GT(builder_.bytes(), 0U);
  EXPECT_EQ(taken(), (Lines{"orders: insert 1,b,f", "orders: insert 2,c,t"}));
  EXPECT_TRUE(batch_->commits);
  EXPECT_EQ(batch_->end_lsn, Lsn(210));
  EXPECT_EQ(batch_->commit_time, 6000);
  EXPECT_EQ(batch_->transactions, 2U);
  EXPECT_EQ(batch_->changes, 3U);
  EXPECT_FALSE(builder_.pending());
  EXPECT_TRUE(builder_.batch().empty());
}

TEST_F(Builder, APieceOfATransactionDoesNotCommit) {
  builder_.begin(Lsn(100));
  insert(kOrdersOid, "1,a,t");
  EXPECT_EQ(taken(), Lines{"orders: insert 1,a,t"});
  EXPECT_FALSE(batch_->commits);
  EXPECT_EQ(batch_->end_lsn, Lsn()) << "nothing is complete yet";
  update(kOrdersOid, "1,b,~");
  builder_.commit(Lsn(110), 5000);
  EXPECT_EQ(taken(), Lines{"orders: update 1: 1,b,~"}) << "the insert is on the target";
  EXPECT_TRUE(batch_->commits);
  EXPECT_EQ(batch_->end_lsn, Lsn(110));
}

TEST_F(Builder, WhatTheLoadHoldsIsSkippedPerTable) {
  use_log();
  table_->set_snapshot_lsn(Lsn(150));
  for (const auto lsn : {100U, 149U}) {
    builder_.begin(Lsn(lsn));
    insert(kOrdersOid, "1,a,t");
    update(kOrdersOid, "1,b,t");
    remove(kOrdersOid, OldTuple::kKey, "1,-,-");
    builder_.change(pgoutput::Truncate{.relations = {kOrdersOid}});
    insert(kLogOid, "a,b,1,2,x");
    builder_.commit(Lsn(lsn + 1), 1);
  }
  builder_.begin(Lsn(150));
  insert(kOrdersOid, "2,b,t");
  builder_.commit(Lsn(160), 1);
  EXPECT_EQ(taken(), (Lines{"orders: insert 2,b,t", "log: then insert: a,b,1,2,x", "log: then insert: a,b,1,2,x"}));
  EXPECT_EQ(batch_->changes, 3U);
}

TEST_F(Builder, TablesOfOthersAreNothing) {
  std::vector<TargetStep> steps;
  auto relation = relation_of(*table_, kOther.value);
  relation.name = "elsewhere";
  builder_.change(relation);
  builder_.begin(Lsn(1));
  insert(kOther, "1,a,t");
  builder_.change(pgoutput::Truncate{.relations = {kOther}});
  builder_.commit(Lsn(2), 1);
  EXPECT_EQ(taken(), Lines{});
  EXPECT_EQ(batch_->end_lsn, Lsn(2));
}

TEST_F(Builder, AnUnknownRelationIsRefused) {
  builder_.begin(Lsn(1));
  EXPECT_THROW(insert({77}, "1,a,t"), Error);
}

TEST_F(Builder, OrderedTablesKeepTheSourcesOrder) {
  use(orders(ApplyMode::kOrdered));
  builder_.begin(Lsn(1));
  insert(kOrdersOid, "1,a,t");
  update(kOrdersOid, "1,b,~");
  update(kOrdersOid, "2,b,~", OldTuple::kKey, "1,-,-");
  update(kOrdersOid, "2,~,f", OldTuple::kFull, "2,b,t");
  remove(kOrdersOid, OldTuple::kKey, "2,-,-");
  builder_.commit(Lsn(2), 1);
  EXPECT_EQ(taken(), (Lines{"orders: then insert: 1,a,t", "orders: then update key 1: 1,b,~",
                            "orders: then update key 1: 2,b,~ (moved)", "orders: then update key 2 row 2,b,t: 2,b,f",
                            "orders: then delete key 2"}));
}

TEST_F(Builder, WholeRowsNameRowsOfTablesWithoutKey) {
  use_log();
  builder_.begin(Lsn(1));
  insert(kLogOid, "1,a,2,3,x");
  update(kLogOid, "1,~,2,4,x", OldTuple::kFull, "1,a,2,3,x");
  remove(kLogOid, OldTuple::kFull, "1,a,2,4,x");
  builder_.commit(Lsn(2), 1);
  EXPECT_EQ(taken(), (Lines{"log: then insert: 1,a,2,3,x", "log: then update row 1,a,2,3,x: 1,a,2,4,x",
                            "log: then delete row 1,a,2,4,x"}));
}

TEST_F(Builder, AKeylessChangeWithoutTheOldRowIsRefused) {
  use_log();
  builder_.begin(Lsn(1));
  for (int i = 0; i < 2; ++i) {
    try {
      if (i == 0) {
        update(kLogOid, "1,b,2,3,x");
      } else {
        remove(kLogOid, OldTuple::kKey, "1,-,-,-,x");
      }
      FAIL() << "no row is named";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kTableUnsupported);
      EXPECT_EQ(error.context().table, "public.log");
    }
  }
}

TEST_F(Builder, ATruncateStandsBetweenTheRowsBeforeAndBehindIt) {
  use_log();
  builder_.begin(Lsn(1));
  insert(kOrdersOid, "1,a,t");
  builder_.change(pgoutput::Truncate{.relations = {kOrdersOid, kLogOid}});
  insert(kOrdersOid, "1,b,t");
  builder_.commit(Lsn(2), 1);
  EXPECT_EQ(taken(), (Lines{"orders: insert 1,a,t", "step TRUNCATE TABLE [dbo].[orders];",
                            "step TRUNCATE TABLE [dbo].[log];", "--", "orders: insert 1,b,t"}));
  EXPECT_EQ(batch_->changes, 4U);
}

TEST_F(Builder, ATruncateFirstAndOfAReferencedTable) {
  referenced_ = true;
  builder_.begin(Lsn(1));
  builder_.change(pgoutput::Truncate{.relations = {kOrdersOid}});
  insert(kOrdersOid, "1,a,t");
  builder_.change(pgoutput::Truncate{.relations = {kOrdersOid}});
  builder_.commit(Lsn(2), 1);
  EXPECT_EQ(taken(), (Lines{"step DELETE FROM [dbo].[orders];", "--", "orders: insert 1,a,t",
                            "step DELETE FROM [dbo].[orders];"}));
}

TEST_F(Builder, TruncatesCanBeIgnored) {
  BatchBuilder builder(
      relations_, watcher_, [](const TableBinding&) { return false; }, false);
  builder.begin(Lsn(1));
  builder.change(pgoutput::Truncate{.relations = {kOrdersOid}});
  builder.commit(Lsn(2), 1);
  EXPECT_TRUE(builder.batch().empty());
}

TEST_F(Builder, RowsOfTwoShapesNeverFoldTogether) {
  builder_.begin(Lsn(1));
  insert(kOrdersOid, "1,a,t");
  const auto wider = bind(source_table("orders",
                                       {column(1, "id", "int4", 23, true), column(2, "note", "text", 25),
                                        column(3, "paid", "bool", 16), column(4, "extra", "int4", 23)},
                                       {"id"}),
                          ApplyMode::kNet, {}, 2);
  watcher_.answer = Rebinding{wider, {{.sql = "ALTER"}}};
  builder_.change(relation_of(*wider, kOrdersOid.value));
  update(kOrdersOid, "1,a,t,9");
  builder_.commit(Lsn(2), 1);
  EXPECT_EQ(taken(), (Lines{"orders: insert 1,a,t", "step ALTER", "--", "orders: update 1: 1,a,t,9"}));
  EXPECT_EQ(batch_->segments[1].net.front().table, wider);
}

TEST_F(Builder, TheSameRelationAgainChangesNothing) {
  builder_.begin(Lsn(1));
  insert(kOrdersOid, "1,a,t");
  builder_.change(relation_of(*table_, kOrdersOid.value));
  update(kOrdersOid, "1,b,t");
  builder_.commit(Lsn(2), 1);
  EXPECT_EQ(taken(), Lines{"orders: insert 1,b,t"});
}

TEST_F(Builder, APositionWithoutChangesMovesTheCheckpoint) {
  EXPECT_FALSE(builder_.pending());
  builder_.advance(Lsn(500));
  EXPECT_TRUE(builder_.pending());
  builder_.advance(Lsn(400));
  EXPECT_EQ(builder_.end_lsn(), Lsn(500)) << "never back";
  EXPECT_EQ(taken(), Lines{});
  EXPECT_EQ(batch_->end_lsn, Lsn(500));
  EXPECT_FALSE(builder_.pending());
  EXPECT_EQ(builder_.end_lsn(), Lsn(500));
}

TEST_F(Builder, ABatchAfterTheFirstStartsAnew) {
  for (const auto* const note : {"a", "b"}) {
    builder_.begin(Lsn(1));
    update(kOrdersOid, std::string("1,") + note + ",t");
    builder_.commit(Lsn(2), 1);
    EXPECT_EQ(taken(), Lines{std::string("orders: update 1: 1,") + note + ",t"});
  }
}

TEST_F(Builder, CountsEachKindOfChangeAsTheSourceMadeIt) {
  builder_.begin(Lsn(8));
  insert(kOrdersOid, "1,a,t");
  insert(kOrdersOid, "2,b,t");
  update(kOrdersOid, "2,c,t");
  remove(kOrdersOid, OldTuple::kKey, "1,-,-");
  builder_.change(pgoutput::Truncate{.relations = {kOrdersOid}});
  builder_.commit(Lsn(9), 5);
  taken();
  ASSERT_EQ(batch_->counts.size(), 1U);
  const auto& counts = batch_->counts.front().second;
  EXPECT_EQ(counts.inserts, 2U);
  EXPECT_EQ(counts.updates, 1U);
  EXPECT_EQ(counts.deletes, 1U);
  EXPECT_EQ(counts.truncates, 1U);
  EXPECT_EQ(batch_->changes, 5U);

  builder_.begin(Lsn(10));
  insert(kOrdersOid, "3,a,t");
  builder_.commit(Lsn(11), 6);
  taken();
  ASSERT_EQ(batch_->counts.size(), 1U);
  EXPECT_EQ(batch_->counts.front().second.inserts, 1U);
}

}  // namespace
}  // namespace millrace::replication
