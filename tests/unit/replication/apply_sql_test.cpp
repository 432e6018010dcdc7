#include "replication/apply_sql.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "binding_fixture.hpp"
#include "golden.hpp"
#include "replication/stage_rows.hpp"

namespace millrace::replication {
namespace {

/// Every '?' has its value: the texts of these statements hold no other question mark.
void expect_marks(const Sql& sql) {
  EXPECT_EQ(static_cast<std::size_t>(std::count(sql.text.begin(), sql.text.end(), '?')), sql.values.size()) << sql.text;
}

TEST(ApplySql, OneColumnKey) {
  const auto table = orders();
  const Masks whole(1, std::vector<bool>(3, false));
  const Masks masks = {{false, false, false}, {false, true, false}, {false, true, true}};
  const SeqRange range{4, 10};
  std::string text;
  const auto add = [&](const std::string& title, const Sql& sql) {
    expect_marks(sql);
    text += shown(title, sql);
  };
  add("rows that go", delete_sql(*table, {NetOp::kDelete, NetOp::kReplace}));
  add("a run of deletes", delete_sql(*table, {NetOp::kDelete}, range));
  add("updates, every column sent", update_sql(*table, NetOp::kUpdate, whole));
  add("updates, some without note or paid", update_sql(*table, NetOp::kUpdate, masks));
  add("a run of updates", update_sql(*table, NetOp::kUpdate, masks, range));
  add("rows that get another key", update_sql(*table, NetOp::kMove, masks));
  add("new rows", insert_sql(*table, {NetOp::kInsert, NetOp::kReplace}));
  add("a run of inserts", insert_sql(*table, {NetOp::kInsert}, range));
  add("behind each of them", expect_rows_sql(*table, "UPDATE", 7));
  expect_golden("apply_orders", text);
}

TEST(ApplySql, KeyOfSeveralColumnsAndNamesWithBrackets) {
  const auto table = lines();
  const Masks masks = {{false, false, false, false}, {false, false, true, false}};
  std::string text = "-- the stage\n" + create_stage_sql(*table) + "\n\n";
  text += shown("rows that go", delete_sql(*table, {NetOp::kDelete}));
  text += shown("updates", update_sql(*table, NetOp::kUpdate, masks));
  text += shown("rows that get another key", update_sql(*table, NetOp::kMove, masks));
  text += shown("new rows", insert_sql(*table, {NetOp::kInsert}));
  expect_golden("apply_lines", text);
}

TEST(ApplySql, WithoutKey) {
  const auto table = log_table();
  EXPECT_TRUE(table->keyless());
  EXPECT_EQ(table->mode(), ApplyMode::kOrdered);
  const auto whole_row = delete_whole_row_sql(*table, 12);
  expect_marks(whole_row);
  expect_golden("apply_log", "-- the stage\n" + create_stage_sql(*table) + "\n\n" +
                                 shown("one row that is the same byte for byte", whole_row) +
                                 shown("new rows", insert_sql(*table, {NetOp::kInsert}, {13, 13})));
}

TEST(ApplySql, KeyColumnsOnly) {
  const auto table = bind(
      source_table("tags", {column(1, "item", "int4", 23, true), column(2, "tag", "int8", 20, true)}, {"item", "tag"}));
  const Masks whole(1, std::vector<bool>(2, false));
  expect_golden("apply_tags", shown("an update that changes nothing", update_sql(*table, NetOp::kUpdate, whole)) +
                                  shown("rows that get another key", update_sql(*table, NetOp::kMove, whole)));
}

TEST(ApplySql, Truncate) {
  EXPECT_EQ(truncate_sql({"dbo", "a]b"}, false).text, "TRUNCATE TABLE [dbo].[a]]b];");
  EXPECT_EQ(truncate_sql({"dbo", "orders"}, true).text, "DELETE FROM [dbo].[orders];");
}

TEST(ApplySql, TextsDifferOnlyWhereTheShapeDoes) {
  const auto table = orders();
  EXPECT_EQ(delete_sql(*table, {NetOp::kDelete}, {0, 5}).text, delete_sql(*table, {NetOp::kDelete}, {6, 90}).text);
  EXPECT_EQ(expect_rows_sql(*table, "INSERT", 1).text, expect_rows_sql(*table, "DELETE", 9).text);
}

TEST(ApplySql, SqlGrowsInOrder) {
  Sql sql{"a ?", {"1"}};
  sql += {"b ?", {std::nullopt}};
  EXPECT_EQ(sql.text, "a ?b ?");
  EXPECT_EQ(sql.values, (std::vector<std::optional<std::string>>{"1", std::nullopt}));
}

}  // namespace
}  // namespace millrace::replication
