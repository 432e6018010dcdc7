#include "replication/relation_map.hpp"

#include <gtest/gtest.h>

#include "binding_fixture.hpp"
#include "support/error.hpp"
#include "tuples.hpp"

namespace millrace::replication {
namespace {

TEST(RelationMap, TheSameColumnsInTheSameOrderGoStraight) {
  RelationMap map;
  FakeWatcher watcher;
  std::vector<TargetStep> steps;
  const auto table = orders();
  map.bind(table);
  map.announce(relation_of(*table), watcher, steps);
  const auto& entry = map.find({16384});
  EXPECT_EQ(entry.table, table);
  EXPECT_TRUE(entry.straight);
  EXPECT_TRUE(steps.empty());
  pgoutput::Tuple to;
  entry.map(tuple("1,a,t"), to);
  EXPECT_EQ(show(to), "1,a,t");
}

TEST(RelationMap, ColumnsThatAreLeftOutAreStruckFromEachRow) {
  const auto source = source_table(
      "orders", {column(1, "id", "int4", 23, true), column(2, "secret", "text", 25), column(3, "paid", "bool", 16)},
      {"id"});
  const auto table = bind(source, ApplyMode::kNet, {.exclude_columns = {"secret"}});
  auto relation = relation_of(*table);
  relation.columns.insert(relation.columns.begin() + 1, {false, "secret", {25}, -1});
  EXPECT_TRUE(fits(*table, relation));
  RelationMap map;
  FakeWatcher watcher;
  std::vector<TargetStep> steps;
  map.bind(table);
  map.announce(relation, watcher, steps);
  const auto& entry = map.find({16384});
  EXPECT_FALSE(entry.straight);
  EXPECT_EQ(entry.to_binding, (std::vector<int>{0, -1, 1}));
  pgoutput::Tuple to = tuple("9,9,9,9,9");
  entry.map(tuple("1,s,t"), to);
  EXPECT_EQ(show(to), "1,t");
}

TEST(RelationMap, FitsAsksForEveryColumnOnBothSides) {
  const auto table = orders();
  auto relation = relation_of(*table);
  EXPECT_TRUE(fits(*table, relation));
  relation.columns.push_back({false, "extra", {23}, -1});
  EXPECT_FALSE(fits(*table, relation));
  relation.columns.erase(relation.columns.begin() + 1, relation.columns.end());
  EXPECT_FALSE(fits(*table, relation));
}

TEST(RelationMap, ATableOfSomebodyElseIsKnownAndNotCarried) {
  RelationMap map;
  FakeWatcher watcher;
  std::vector<TargetStep> steps;
  map.announce(relation_of(*orders(), 7), watcher, steps);
  EXPECT_EQ(map.find({7}).table, nullptr);
  EXPECT_TRUE(watcher.asked.empty());
  EXPECT_THROW(map.find({8}), Error);
}

TEST(RelationMap, AChangedShapeBringsStepsAndItsNewBinding) {
  RelationMap map;
  FakeWatcher watcher;
  std::vector<TargetStep> steps;
  const auto before = orders();
  map.bind(before);
  map.announce(relation_of(*before), watcher, steps);
  const auto after = bind(source_table("orders",
                                       {column(1, "id", "int4", 23, true), column(2, "note", "text", 25),
                                        column(3, "paid", "bool", 16), column(4, "extra", "int4", 23)},
                                       {"id"}),
                          ApplyMode::kNet, {}, 2);
  watcher.answer = Rebinding{after, {{.sql = "ALTER TABLE ..", .news = StepNews{.message = "column added"}}}};
  map.announce(relation_of(*after), watcher, steps);
  ASSERT_EQ(steps.size(), 1U);
  EXPECT_EQ(steps[0].sql, "ALTER TABLE ..");
  EXPECT_EQ(map.find({16384}).table, after);
  EXPECT_EQ(map.tables().at({"public", "orders"}), after);
}

TEST(RelationMap, AChangeWithoutStepsStillPartsTheRows) {
  RelationMap map;
  FakeWatcher watcher;
  std::vector<TargetStep> steps;
  const auto before = orders();
  map.bind(before);
  auto relation = relation_of(*before);
  relation.columns.pop_back();
  watcher.answer =
      Rebinding{bind(source_table("orders", {column(1, "id", "int4", 23, true), column(2, "note", "text", 25)}, {"id"}),
                     ApplyMode::kNet, {}, 2),
                {}};
  map.announce(relation, watcher, steps);
  ASSERT_EQ(steps.size(), 1U);
  EXPECT_TRUE(steps[0].sql.empty());
}

TEST(RelationMap, ATableThatIsGivenUpIsNotCarriedAnyMore) {
  RelationMap map;
  FakeWatcher watcher;
  std::vector<TargetStep> steps;
  const auto table = orders();
  map.bind(table);
  auto relation = relation_of(*table);
  relation.columns.pop_back();
  watcher.answer = Rebinding{nullptr, {}};
  map.announce(relation, watcher, steps);
  EXPECT_EQ(map.find({16384}).table, nullptr);
  EXPECT_TRUE(map.tables().empty());
}

TEST(RelationMap, ABindingThatTheRelationDoesNotFillIsRefused) {
  RelationMap map;
  FakeWatcher watcher;
  std::vector<TargetStep> steps;
  const auto table = orders();
  map.bind(table);
  auto relation = relation_of(*table);
  relation.columns.pop_back();  // and the watcher says that it does not matter
  try {
    map.announce(relation, watcher, steps);
    FAIL() << "values of [paid] would be lost in silence";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kSchemaChanged);
    EXPECT_EQ(error.context().column, "paid");
  }
}

TEST(RelationMap, BindAndUnbindReachAnnouncedRelations) {
  RelationMap map;
  FakeWatcher watcher;
  std::vector<TargetStep> steps;
  const auto first = orders();
  map.bind(first);
  map.announce(relation_of(*first), watcher, steps);
  const auto second = orders();
  map.bind(second);
  EXPECT_EQ(map.find({16384}).table, second);
  map.unbind({"public", "orders"});
  EXPECT_EQ(map.find({16384}).table, nullptr);
}

}  // namespace
}  // namespace millrace::replication
