#include "replication/schema_diff.hpp"

#include <gtest/gtest.h>

#include "schema_fixture.hpp"
#include "support/error.hpp"

namespace millrace::replication {
namespace {

using Lines = std::vector<std::string>;

std::string shown(const SchemaChange& change) {
  switch (change.kind) {
    case ChangeKind::kAddColumn:
      return "add " + change.column + " " + change.source.type.name + " #" + std::to_string(change.source.attnum);
    case ChangeKind::kDropColumn:
      return "drop " + change.column;
    case ChangeKind::kRenameColumn:
      return "rename " + change.column + " " + change.name;
    case ChangeKind::kChangeType:
      return "type " + change.column + " " + change.source.type.name +
             (change.source.type.length ? std::to_string(*change.source.type.length) : "");
    case ChangeKind::kDropNotNull:
      return "open " + change.column;
    case ChangeKind::kChangeKey: {
      std::string text = "key";
      for (const auto& name : change.key) text += " " + name;
      return text;
    }
    case ChangeKind::kLeaveOut:
      return "leave out " + change.column;
    case ChangeKind::kForget:
      return "forget " + change.column + " " + change.name;
  }
  return "?";
}

std::map<int, schema::SourceColumn> catalog_columns;

/// The changes, or the column and message of the refusal.
Lines diff(const std::vector<Wire>& columns, const std::vector<LiveColumn>& now, char identity = 'd',
           const TableShape& shape = orders_shape()) {
  Lines lines;
  try {
    const auto describe = [](int attnum) -> std::optional<schema::SourceColumn> {
      const auto found = catalog_columns.find(attnum);
      return found == catalog_columns.end() ? std::nullopt : std::optional(found->second);
    };
    for (const auto& change : diff_schema(shape, relation(columns, identity), now, describe)) {
      lines.push_back(shown(change));
    }
  } catch (const Error& error) {
    EXPECT_EQ(error.context().table, "public.orders");
    if (error.code() == ErrorCode::kRowsUntold) return {"untold " + error.context().column};
    EXPECT_EQ(error.code(), ErrorCode::kSchemaChanged);
    EXPECT_FALSE(error.suggestion().empty());
    return {"refused " + error.context().column};
  }
  return lines;
}

std::vector<LiveColumn> without(std::vector<LiveColumn> columns, int attnum) {
  std::erase_if(columns, [&](const LiveColumn& each) { return each.attnum == attnum; });
  return columns;
}
std::vector<LiveColumn> with(std::vector<LiveColumn> columns, const LiveColumn& one) {
  columns = without(std::move(columns), one.attnum);
  columns.push_back(one);
  std::sort(columns.begin(), columns.end(), [](const auto& a, const auto& b) { return a.attnum < b.attnum; });
  return columns;
}

class SchemaDiff : public testing::Test {
 protected:
  void SetUp() override { catalog_columns.clear(); }
};

TEST_F(SchemaDiff, NothingChanged) {
  EXPECT_EQ(diff({kId, kNote, kSize, kSecret, kPart}, orders_live()), Lines{});
  EXPECT_EQ(diff({kId, kNote, kSize, kPart}, orders_live()), Lines{}) << "what is left out need not be published";
  EXPECT_EQ(diff({kId, kNote, kSize, kSecret, kPart}, {}), Lines{}) << "the table is gone from the catalog since";
}

TEST_F(SchemaDiff, TheCatalogsFutureIsNoChangeYet) {
  auto later = with(with(without(orders_live(), 3), live(2, "remark")), live(7, "extra"));
  EXPECT_EQ(diff({kId, kNote, kSize, kSecret, kPart}, later), Lines{});
}

TEST_F(SchemaDiff, AnAddedColumn) {
  EXPECT_EQ(diff({kId, kNote, kSize, kSecret, kPart, {"extra", 23}}, with(orders_live(), live(7, "extra", 23))),
            Lines{"add extra int4 #7"});
  EXPECT_EQ(diff({kId, kNote, kSize, kSecret, kPart, {"extra", 1043, 14}, {"more", 1009}},
                 with(with(orders_live(), live(7, "extra", 1043, 14)), live(8, "more", 1009))),
            (Lines{"add extra varchar #7", "add more text #8"}));
}

TEST_F(SchemaDiff, AnAddedColumnOfATypeOfTheUsersIsLookedUp) {
  catalog_columns[7] = column(7, "mood", "mood", 90001);
  EXPECT_EQ(diff({kId, kNote, kSize, kPart, {"mood", 90001}}, with(orders_live(), live(7, "mood", 90001))),
            Lines{"add mood mood #7"});
  EXPECT_EQ(diff({kId, kNote, kSize, kPart, {"mood", 90001}}, with(orders_live(), live(7, "mood", 90002))),
            Lines{"refused mood"})
      << "its type changed again";
}

TEST_F(SchemaDiff, AnAddedColumnThatIsRenamedSince) {
  EXPECT_EQ(diff({kId, kNote, kSize, kPart, {"extra", 23}}, with(orders_live(), live(7, "later", 23))),
            Lines{"add extra int4 #7"});
  EXPECT_EQ(diff({kId, kNote, kSize, kPart, {"extra", 23}},
                 with(with(orders_live(), live(7, "later", 23)), live(8, "other", 23))),
            Lines{"untold extra"})
      << "either may be it";
}

TEST_F(SchemaDiff, AnAddedColumnThatIsGoneSinceIsLeftOut) {
  EXPECT_EQ(diff({kId, kNote, kSize, kPart, {"extra", 23}}, orders_live()), Lines{"leave out extra"});
}

TEST_F(SchemaDiff, ADroppedColumn) {
  EXPECT_EQ(diff({kId, kSize, kSecret, kPart}, without(orders_live(), 2)), Lines{"drop note"});
  EXPECT_EQ(diff({kId, kNote, kSize}, without(orders_live(), 6)), Lines{"drop part"});
}

TEST_F(SchemaDiff, AColumnThatIsNotPublishedAnyMore) {
  EXPECT_EQ(diff({kId, kSize, kPart}, orders_live()), Lines{"refused note"});
}

TEST_F(SchemaDiff, ARenamedColumn) {
  EXPECT_EQ(diff({kId, {"remark"}, kSize, kPart}, with(orders_live(), live(2, "remark"))), Lines{"rename note remark"});
}

TEST_F(SchemaDiff, ARenamedColumnIsNotADroppedAndAnAddedOne) {
  const auto dropped = with(without(orders_live(), 6), live(7, "piece", 1043, 24));
  EXPECT_EQ(diff({kId, kNote, kSize, {"piece", 1043, 24}}, dropped), (Lines{"drop part", "add piece varchar #7"}));
  EXPECT_EQ(diff({kId, kNote, kSize, {"piece", 1043, 24}}, with(orders_live(), live(6, "piece", 1043, 24, true))),
            Lines{"rename part piece"});
  EXPECT_EQ(diff({kId, kNote, kSize, {"piece", 1043, 24}}, without(orders_live(), 6)), Lines{"untold piece"})
      << "gone since: it cannot be told";
}

TEST_F(SchemaDiff, ARenamedColumnThatIsRenamedAgainSince) {
  EXPECT_EQ(diff({kId, {"remark"}, kSize, kPart}, with(orders_live(), live(2, "comment"))),
            Lines{"rename note remark"});
}

TEST_F(SchemaDiff, ARenamedColumnThatIsGoneSinceButHadOnlyOnePlace) {
  EXPECT_EQ(diff({kId, {"remark"}, kSize, kPart}, without(orders_live(), 2)), Lines{"rename note remark"});
}

TEST_F(SchemaDiff, ColumnsThatExchangeNames) {
  auto swapped = with(with(orders_live(), live(2, "size")), live(3, "note", 23));
  EXPECT_EQ(diff({kId, {"size", 25}, {"note", 23}, kPart}, swapped), (Lines{"rename note size", "rename size note"}));
}

TEST_F(SchemaDiff, ACatalogWhoseNamesAreLaterOnes) {
  // note and size have exchanged their names since, then one is dropped: the order of those left tells nothing.
  const std::vector<LiveColumn> later = {live(1, "id", 23, -1, true), live(2, "size"), live(5, "secret"),
                                         live(6, "part", 1043, 24, true), live(7, "extra", 23)};
  EXPECT_EQ(diff({kId, kNote, kSize, kSecret, kPart, {"extra", 23}}, later), Lines{"add extra int4 #7"});
}

TEST_F(SchemaDiff, AColumnThatTakesTheNameOfADroppedOne) {
  // DROP note; RENAME part TO note
  auto now = with(without(orders_live(), 2), live(6, "note", 1043, 24, true));
  EXPECT_EQ(diff({kId, kSize, {"note", 1043, 24}}, now), (Lines{"drop note", "rename part note"}));
}

TEST_F(SchemaDiff, AColumnThatWasDroppedAndMadeAnew) {
  const auto anew = with(without(orders_live(), 6), live(7, "part", 1043, 24));
  EXPECT_EQ(diff({kId, kNote, kSize, kPart}, anew), Lines{"untold part"});
  auto middle = with(without(orders_live(), 2), live(7, "note"));
  EXPECT_EQ(diff({kId, kSize, kPart, kNote}, middle), (Lines{"drop note", "add note text #7"}));
}

TEST_F(SchemaDiff, WhatIsLeftOutStaysSoUnderAnotherName) {
  EXPECT_EQ(diff({kId, kNote, kSize, {"hidden"}, kPart}, with(orders_live(), live(5, "hidden"))),
            Lines{"forget secret hidden"});
}

TEST_F(SchemaDiff, AColumnThatWasNotPublishedBeforeIsRefused) {
  EXPECT_EQ(diff({kId, kNote, kSize, {"old", 23}, kPart}, with(orders_live(), live(4, "old", 23))),
            Lines{"untold old"});
}

TEST_F(SchemaDiff, ATypeByTheStreamsWord) {
  EXPECT_EQ(diff({kId, kNote, {"size", 20}, kPart}, orders_live()), Lines{"type size int8"});
  EXPECT_EQ(diff({kId, kNote, kSize, {"part", 1043, 34}}, orders_live()), Lines{"type part varchar30"});
  EXPECT_EQ(diff({kId, kNote, kSize, {"part", 1043, -1}}, orders_live()), Lines{"type part varchar"});
  EXPECT_EQ(diff({kId, {"remark", 1043, 14}, kSize, kPart}, with(orders_live(), live(2, "remark", 1043, 14))),
            (Lines{"rename note remark", "type note varchar10"}));
}

TEST_F(SchemaDiff, ADomainIsItsBaseType) {
  catalog_columns[2] = column(2, "note", "text", 25);
  EXPECT_EQ(diff({kId, {"note", 70000}, kSize, kPart}, with(orders_live(), live(2, "note", 70000))), Lines{});
  EXPECT_EQ(diff({kId, {"note", 70000}, kSize, kPart}, orders_live()), Lines{"refused note"});
}

TEST_F(SchemaDiff, AColumnThatTakesNullNow) {
  EXPECT_EQ(diff({kId, kNote, kSize, kPart}, with(orders_live(), live(6, "part", 1043, 24, false))),
            Lines{"open part"});
  EXPECT_EQ(diff({kId, kNote, kSize, kPart}, with(orders_live(), live(2, "note", 25, -1, true))), Lines{})
      << "the target may take more";
}

TEST_F(SchemaDiff, TheKey) {
  auto note_key = kNote;
  note_key.key = true;
  auto bare_id = kId;
  bare_id.key = false;
  EXPECT_EQ(diff({bare_id, note_key, kSize, kPart}, orders_live()), Lines{"key note"});
  EXPECT_EQ(diff({kId, note_key, kSize, kPart}, orders_live(), 'i'), Lines{"key id note"});
  EXPECT_EQ(diff({kId, note_key, kSize, kPart}, orders_live(), 'f'), Lines{}) << "whole rows hold any key";
  EXPECT_EQ(diff({bare_id, kNote, kSize, kPart}, orders_live()), Lines{}) << "rows only come";
  EXPECT_EQ(diff({{"no", 23, -1, true}, kNote, kSize, kPart}, with(orders_live(), live(1, "no", 23, -1, true))),
            Lines{"rename id no"})
      << "the same column by another name";
  EXPECT_EQ(diff({kNote, kSize, kPart}, without(orders_live(), 1)), Lines{"refused id"});
}

TEST_F(SchemaDiff, ATableGetsItsFirstKey) {
  auto keyless = orders_shape();
  keyless.key.clear();
  EXPECT_EQ(diff({kId, kNote, kSize, kPart}, orders_live(), 'd', keyless), Lines{"key id"});
  EXPECT_EQ(diff({kId, kNote, kSize, kPart}, orders_live(), 'f', keyless), Lines{});
}

TEST_F(SchemaDiff, WithoutCatalogNamesMustTellEverything) {
  EXPECT_EQ(diff({kId, kSize, kPart}, {}), Lines{"drop note"});
  EXPECT_EQ(diff({kId, {"remark"}, kSize, kPart}, {}), Lines{"rename note remark"}) << "the only place";
  EXPECT_EQ(diff({kId, kNote, kSize, {"piece", 1043, 24}}, {}), Lines{"untold piece"});
  EXPECT_EQ(diff({kId, kNote, kSize, kPart, {"extra", 23}}, {}), Lines{"leave out extra"});
}

TEST_F(SchemaDiff, SeveralAtOnce) {
  auto now = with(with(with(without(orders_live(), 2), live(3, "length", 20)), live(7, "a", 16)), live(8, "b", 17));
  EXPECT_EQ(diff({kId, {"length", 20}, kPart, {"a", 16}, {"b", 17}}, now),
            (Lines{"drop note", "rename size length", "add a bool #7", "add b bytea #8", "type size int8"}));
}

TEST(OldRows, ByTheDefault) {
  using Known = OldRowsValue::Known;
  const auto known = [](DefaultFacts facts) { return judge_old_rows(facts).known; };
  EXPECT_EQ(known({}), Known::kNull);
  EXPECT_EQ(judge_old_rows({.has_default = true, .expression = "now()", .missing = "2024"}).text, "2024");
  EXPECT_EQ(known({.missing = "5"}), Known::kValue) << "the default was dropped since, the rows keep it";
  EXPECT_EQ(known({.has_default = true, .expression = "gen_random_uuid()"}), Known::kUnlogged);
  EXPECT_EQ(known({.has_default = true, .identity = true}), Known::kUnlogged);
  EXPECT_EQ(known({.has_default = true, .expression = "5"}), Known::kNull) << "SET DEFAULT came later";
  EXPECT_EQ(known({.has_default = true, .expression = "5", .rewritten = true}), Known::kUnlogged);
}

}  // namespace
}  // namespace millrace::replication
