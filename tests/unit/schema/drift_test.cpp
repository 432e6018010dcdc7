#include "schema/drift.hpp"

#include <gtest/gtest.h>

namespace millrace::schema {
namespace {

TargetTable table(TargetColumn column) {
  return {.name = {"dbo", "t"},
          .columns = {{.name = "id", .type = {.name = "int"}, .nullable = false}, std::move(column)},
          .primary_key = {"id"}};
}

bool fits(const TargetColumn& planned, const TargetColumn& actual) {
  for (const auto& drift : compare_tables(table(planned), table(actual))) {
    if (drift.fatal) return false;
  }
  return true;
}

TEST(Drift, WiderTypesFit) {
  const TargetColumn planned{.name = "c", .type = {.name = "nvarchar", .length = 20}};
  EXPECT_TRUE(fits(planned, {.name = "C", .type = {.name = "nvarchar", .length = TargetType::kMax}}));
  EXPECT_TRUE(fits({.name = "c", .type = {.name = "int"}}, {.name = "c", .type = {.name = "bigint"}}));
  EXPECT_TRUE(fits({.name = "c", .type = {.name = "decimal", .precision = 10, .scale = 2}},
                   {.name = "c", .type = {.name = "decimal", .precision = 12, .scale = 4}}));
}

TEST(Drift, TypesThatLoseValuesDoNot) {
  EXPECT_FALSE(fits({.name = "c", .type = {.name = "nvarchar", .length = 20}},
                    {.name = "c", .type = {.name = "varchar", .length = 20}}));
  EXPECT_FALSE(fits({.name = "c", .type = {.name = "bigint"}}, {.name = "c", .type = {.name = "int"}}));
  EXPECT_FALSE(fits({.name = "c", .type = {.name = "decimal", .precision = 10, .scale = 2}},
                    {.name = "c", .type = {.name = "decimal", .precision = 10, .scale = 3}}));
  EXPECT_FALSE(fits({.name = "c", .type = {.name = "datetime2", .scale = 6}},
                    {.name = "c", .type = {.name = "datetime2", .scale = 3}}));
}

TEST(Drift, KeysNullsAndExtraColumns) {
  EXPECT_FALSE(fits({.name = "c", .type = {.name = "int"}}, {.name = "c", .type = {.name = "int"}, .nullable = false}));
  EXPECT_FALSE(fits({.name = "c", .type = {.name = "int"}}, {.name = "other", .type = {.name = "int"}}));
  auto planned = table({.name = "c", .type = {.name = "int"}});
  auto actual = planned;
  actual.primary_key = {"c"};
  EXPECT_TRUE(compare_tables(planned, actual).at(0).fatal);
  actual = planned;
  actual.columns.push_back({.name = "x", .type = {.name = "int"}});
  EXPECT_FALSE(compare_tables(planned, actual).at(0).fatal);
}

}  // namespace
}  // namespace millrace::schema
