#include "replication/net_changes.hpp"

#include <gtest/gtest.h>

#include "support/error.hpp"
#include "tuples.hpp"

namespace millrace::replication {
namespace {

using pgoutput::OldTuple;

/// One change as pgoutput tells it, in words: "I 1,a,x"; "U 1,b,~"; "U key 1 > 2,a,~"; "U full 1,a,x > 2,a,~";
/// "D key 1"; "D full 1,a,x". A key-only old tuple is filled up with fields that mean "not sent".
void play(NetChanges& changes, const std::string& event) {
  const auto parts = [&] {
    std::vector<std::string> words;
    for (std::size_t from = 0; from < event.size();) {
      const auto space = std::min(event.find(' ', from), event.size());
      words.push_back(event.substr(from, space - from));
      from = space + 1;
    }
    return words;
  }();
  const bool has_old = parts.at(1) == "key" || parts.at(1) == "full";
  const auto kind = !has_old ? OldTuple::kNone : parts[1] == "key" ? OldTuple::kKey : OldTuple::kFull;
  pgoutput::Tuple old;
  if (has_old) old = tuple(parts.at(2));
  old.resize(3);
  if (parts[0] == "I") return changes.insert(tuple(parts[1]));
  if (parts[0] == "D") return changes.remove(kind, old);
  changes.update(kind, old, tuple(has_old ? parts.at(4) : parts[1]));
}

struct Case {
  const char* name;
  std::vector<std::string> events;
  std::vector<std::string> net;
};

class Fold : public testing::TestWithParam<Case> {};

std::vector<std::string> shown(const NetChanges& changes) {
  std::vector<std::string> net;
  changes.for_each([&](const NetChange& change) { net.push_back(show(change)); });
  return net;
}

TEST_P(Fold, GivesTheNetChange) {
  RowStore store;
  NetChanges changes({"public.t", 3, {0}}, store);
  for (const auto& event : GetParam().events) play(changes, event);
  const auto net = shown(changes);
  EXPECT_EQ(net, GetParam().net);
  EXPECT_EQ(changes.changes(), GetParam().events.size());
  std::size_t counted = 0;
  for (int op = 1; op <= 5; ++op) counted += changes.count(static_cast<NetOp>(op));
  EXPECT_EQ(counted, net.size());
}

const Case kCases[] = {
    {"Nothing", {}, {}},
    {"Insert", {"I 1,a,x"}, {"insert 1,a,x"}},
    {"InsertWithNull", {"I 1,-,"}, {"insert 1,-,"}},
    {"Update", {"U 1,b,x"}, {"update 1: 1,b,x"}},
    {"Delete", {"D key 1"}, {"delete 1"}},
    {"DeleteFull", {"D full 1,a,x"}, {"delete 1"}},

    {"LastUpdateWins", {"U 1,b,x", "U 1,c,x"}, {"update 1: 1,c,x"}},
    {"InsertThenUpdateIsAnInsert", {"I 1,a,x", "U 1,b,x"}, {"insert 1,b,x"}},
    {"InsertThenDeleteIsNothing", {"I 1,a,x", "D key 1"}, {}},
    {"InsertUpdateDeleteIsNothing", {"I 1,a,x", "U 1,b,~", "D key 1"}, {}},
    {"UpdateThenDeleteIsADelete", {"U 1,b,x", "D key 1"}, {"delete 1"}},
    {"DeleteThenInsertKeepsBoth", {"D key 1", "I 1,b,y"}, {"delete 1", "insert 1,b,y"}},
    {"DeleteInsertDelete", {"D key 1", "I 1,b,y", "D key 1"}, {"delete 1"}},
    {"DeleteInsertUpdate", {"D key 1", "I 1,b,y", "U 1,c,~"}, {"delete 1", "insert 1,c,y"}},
    {"InsertDeleteInsert", {"I 1,a,x", "D key 1", "I 1,b,y"}, {"insert 1,b,y"}},
    {"RowsApart", {"I 1,a,x", "U 2,b,y", "D key 3"}, {"insert 1,a,x", "update 2: 2,b,y", "delete 3"}},

    {"UnsentStaysUnsent", {"U 1,b,~"}, {"update 1: 1,b,~"}},
    {"UnsentTwice", {"U 1,b,~", "U 1,c,~"}, {"update 1: 1,c,~"}},
    {"UnsentKeepsAnEarlierValue", {"U 1,b,y", "U 1,c,~"}, {"update 1: 1,c,y"}},
    {"UnsentKeepsAnEarlierNull", {"U 1,b,-", "U 1,c,~"}, {"update 1: 1,c,-"}},
    {"UnsentKeepsTheInsertedValue", {"I 1,a,x", "U 1,b,~"}, {"insert 1,b,x"}},
    {"UnsentIsSentLater", {"U 1,b,~", "U 1,b,z"}, {"update 1: 1,b,z"}},
    {"UnsentColumnsApart", {"U 1,~,y", "U 1,c,~"}, {"update 1: 1,c,y"}},
    {"UnsentUnderFullComesFromTheOldRow", {"U full 1,a,x > 1,b,~"}, {"update 1: 1,b,x"}},
    {"UnsentNullUnderFull", {"U full 1,a,- > 1,b,~"}, {"update 1: 1,b,-"}},
    {"KeyOnlyOldRowsNullsAreNoValues", {"U key 1 > 2,b,~"}, {"move 1: 2,b,~"}},
    {"UnsentKeyUnderAKeyOnlyOldRow", {"U key 1 > ~,b,~"}, {"update 1: 1,b,~"}},
    {"UnsentKeyUnderFull", {"U full 1,a,x > ~,b,~"}, {"update 1: 1,b,x"}},

    {"KeyChange", {"U key 1 > 2,b,y"}, {"replace 1: 2,b,y"}},
    {"KeyChangeUnderFull", {"U full 1,a,x > 2,a,~"}, {"replace 1: 2,a,x"}},
    {"KeyChangeOfAnInsertedRow", {"I 1,a,x", "U key 1 > 2,b,~"}, {"insert 2,b,x"}},
    {"KeyChangeWithUnsentAfterSent", {"U 1,b,y", "U key 1 > 2,c,~"}, {"replace 1: 2,c,y"}},
    {"KeyChangeWithUnsentThenSent", {"U key 1 > 2,c,~", "U 2,c,z"}, {"replace 1: 2,c,z"}},
    {"KeyChangeThenDelete", {"U key 1 > 2,b,~", "D key 2"}, {"delete 1"}},
    {"KeyChangeThereAndBack", {"U key 1 > 2,b,~", "U key 2 > 1,c,~"}, {"update 1: 1,c,~"}},
    {"KeyChangeTwice", {"U key 1 > 2,b,~", "U key 2 > 3,c,~"}, {"move 1: 3,c,~"}},
    {"KeyIsUsedAnew", {"U key 1 > 2,b,~", "I 1,n,m"}, {"move 1: 2,b,~", "insert 1,n,m"}},
    {"KeyIsUsedAnewThenFreed", {"U key 1 > 2,b,y", "I 1,n,m", "D key 1"}, {"replace 1: 2,b,y"}},
    {"KeyOfADeletedRow", {"D key 2", "U key 1 > 2,b,~"}, {"delete 2", "move 1: 2,b,~"}},
    {"Chain", {"U key 2 > 3,b,y", "U key 1 > 2,a,~"}, {"replace 2: 3,b,y", "move 1: 2,a,~"}},
    {"ChainFollowsTheRow", {"U key 2 > 3,b,y", "U key 1 > 2,a,~", "U 2,c,~"}, {"replace 2: 3,b,y", "move 1: 2,c,~"}},
    {"SwapThroughATemporaryKey",
     {"U key 1 > 9,a,~", "U key 2 > 1,b,~", "U key 9 > 2,a,~"},
     {"move 1: 2,a,~", "move 2: 1,b,~"}},
    {"SwapThroughATemporaryKeyWhole",
     {"U key 1 > 9,a,x", "U key 2 > 1,b,y", "U key 9 > 2,a,x"},
     {"replace 1: 2,a,x", "replace 2: 1,b,y"}},

    {"DeferrableSwap", {"U full 1,a,x > 2,a,~", "U full 2,b,y > 1,b,~"}, {"replace 1: 2,a,x", "replace 2: 1,b,y"}},
    {"DeferrableChainUpwards",
     {"U full 1,a,x > 2,a,x", "U full 2,b,y > 3,b,y", "U full 3,c,z > 4,c,z"},
     {"replace 1: 2,a,x", "replace 2: 3,b,y", "replace 3: 4,c,z"}},
    {"DeferrableTwoRowsOfOneKeyThenOneGoes",
     {"U full 1,a,x > 2,a,x", "D full 2,b,y"},
     {"replace 1: 2,a,x", "delete 2"}},
    {"DeferrableTwoRowsOfOneKeyThenTheMovedGoes", {"U full 1,a,x > 2,a,x", "D full 2,a,x"}, {"delete 1"}},
    {"DeferrableRowsThatAreEqual",
     {"U full 1,a,x > 2,a,x", "U full 2,a,x > 3,a,x"},
     {"replace 1: 3,a,x"}},  // 2 stays as it is, which nobody can tell from the other way
};

INSTANTIATE_TEST_SUITE_P(NetChanges, Fold, testing::ValuesIn(kCases),
                         [](const auto& test) { return std::string(test.param.name); });

class FoldMoves : public testing::TestWithParam<Case> {};

TEST_P(FoldMoves, KeepsARowTheRowItIs) {
  RowStore store;
  NetChanges changes({"public.t", 3, {0}, true}, store);
  for (const auto& event : GetParam().events) play(changes, event);
  EXPECT_EQ(shown(changes), GetParam().net);
}

const Case kMovesCases[] = {
    {"KeyChange", {"U key 1 > 2,b,y"}, {"move 1: 2,b,y"}},
    {"DeleteThenInsertIsAnUpdate", {"D key 1", "I 1,b,y"}, {"update 1: 1,b,y"}},
    {"DeleteInsertUpdate", {"D key 1", "I 1,b,y", "U 1,c,~"}, {"update 1: 1,c,y"}},
    {"DeleteInsertDelete", {"D key 1", "I 1,b,y", "D key 1"}, {"delete 1"}},
    {"DeleteInsertTwice", {"D key 1", "I 1,b,y", "D key 1", "I 1,d,z"}, {"update 1: 1,d,z"}},
    {"DeleteInsertMove", {"D key 1", "I 1,b,y", "U key 1 > 2,c,~"}, {"move 1: 2,c,y"}},
    {"MoveDeleteInsert", {"U key 1 > 2,b,~", "D key 2", "I 1,n,m"}, {"update 1: 1,n,m"}},
    {"MoveDeleteInsertThere", {"U key 1 > 2,b,~", "D key 2", "I 2,n,m"}, {"delete 1", "insert 2,n,m"}},
    {"InsertDeleteInsert", {"I 1,a,x", "D key 1", "I 1,b,y"}, {"insert 1,b,y"}},
    {"KeyOfADeletedRow", {"D key 2", "U key 1 > 2,b,~"}, {"delete 2", "move 1: 2,b,~"}},
};

INSTANTIATE_TEST_SUITE_P(NetChanges, FoldMoves, testing::ValuesIn(kMovesCases),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(NetChanges, AKeyOfSeveralColumnsInItsOwnOrder) {
  RowStore store;
  NetChanges changes({"public.t", 3, {2, 0}}, store);
  changes.update(OldTuple::kKey, tuple("a,-,7"), tuple("a,v,8"));
  changes.remove(OldTuple::kKey, tuple("b,-,9"));
  std::vector<std::string> net;
  changes.for_each([&](const NetChange& change) { net.push_back(show(change)); });
  EXPECT_EQ(net, (std::vector<std::string>{"replace 7,a: a,v,8", "delete 9,b"}));
}

TEST(NetChanges, KeysThatOnlyLookAlikeTogetherAreApart) {
  RowStore store;
  NetChanges changes({"public.t", 2, {0, 1}}, store);
  changes.insert(tuple("a,bc"));
  changes.insert(tuple("ab,c"));
  changes.remove(OldTuple::kKey, tuple("ab,c"));
  std::vector<std::string> net;
  changes.for_each([&](const NetChange& change) { net.push_back(show(change)); });
  EXPECT_EQ(net, std::vector<std::string>{"insert a,bc"});
}

TEST(NetChanges, AnUnsentKeyWithoutOldRowIsRefused) {
  RowStore store;
  NetChanges changes({"public.t", 3, {0}}, store);
  try {
    changes.update(OldTuple::kNone, {}, tuple("~,b,x"));
    FAIL() << "the row cannot be told";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kTableUnsupported);
    EXPECT_EQ(error.context().table, "public.t");
  }
}

TEST(NetChanges, AnUnsentKeyOutOfOrderIsTakenFromTheOldRow) {
  RowStore store;
  NetChanges changes({"public.t", 3, {0, 1}}, store);
  changes.update(OldTuple::kKey, tuple("1,large,-"), tuple("2,~,x"));
  std::vector<std::string> net;
  changes.for_each([&](const NetChange& change) { net.push_back(show(change)); });
  EXPECT_EQ(net, std::vector<std::string>{"replace 1,large: 2,large,x"});
}

TEST(NetChanges, ValuesSurviveTheStoresGrowth) {
  RowStore store;
  NetChanges changes({"public.t", 2, {0}}, store);
  const std::string large(100'000, 'x');
  changes.insert({field("1"), field(large)});
  for (int i = 0; i < 100; ++i) changes.update(OldTuple::kNone, {}, tuple("1,~"));
  for (int i = 0; i < 100; ++i)
    changes.update(OldTuple::kKey, tuple(i % 2 == 0 ? "1,-" : "2,-"), tuple(i % 2 == 0 ? "2,~" : "1,~"));
  changes.for_each([&](const NetChange& change) { EXPECT_EQ(change.row.at(1).value, large); });
  EXPECT_EQ(changes.count(NetOp::kInsert), 1U);
}

}  // namespace
}  // namespace millrace::replication
