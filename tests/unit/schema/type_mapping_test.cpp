#include "schema/type_mapping.hpp"

#include <gmock/gmock.h>

#include "schema/target_ddl.hpp"

namespace millrace::schema {
namespace {

SourceColumn column(std::string name, std::string type, std::optional<int> length = {},
                    std::optional<int> precision = {}, std::optional<int> scale = {}) {
  return {
      .name = std::move(name),
      .type = {
          .schema = "pg_catalog", .name = std::move(type), .length = length, .precision = precision, .scale = scale}};
}

std::string mapped(const SourceColumn& source, const ColumnFacts& facts = {}) {
  SourceTable table{.name = {"public", "t"}, .columns = {column("id", "int4"), source}, .primary_key = {"id"}};
  return plan_table(table, {}, {{source.name, facts}}).columns.back().target.type.to_string();
}

struct Case {
  SourceColumn source;
  const char* target;
};

class MapsType : public ::testing::TestWithParam<Case> {};

TEST_P(MapsType, ByThePage) {
  EXPECT_EQ(mapped(GetParam().source), GetParam().target);
}

INSTANTIATE_TEST_SUITE_P(
    All, MapsType,
    ::testing::Values(
        Case{column("c", "bool"), "bit"}, Case{column("c", "int2"), "smallint"}, Case{column("c", "int8"), "bigint"},
        Case{column("c", "oid"), "bigint"}, Case{column("c", "float4"), "real"},
        Case{column("c", "float8"), "float(53)"}, Case{column("c", "numeric", {}, 12, 2), "decimal(12,2)"},
        Case{column("c", "numeric", {}, 38, 38), "decimal(38,38)"},
        Case{column("c", "numeric", {}, 5, -2), "decimal(7,0)"}, Case{column("c", "numeric", {}, 3, 6), "decimal(6,6)"},
        Case{column("c", "numeric", {}, 39, 0), "nvarchar(max)"}, Case{column("c", "numeric"), "nvarchar(max)"},
        Case{column("c", "money"), "decimal(19,4)"}, Case{column("c", "varchar", 20), "nvarchar(40)"},
        Case{column("c", "varchar", 2000), "nvarchar(4000)"}, Case{column("c", "varchar", 2001), "nvarchar(max)"},
        Case{column("c", "text"), "nvarchar(max)"}, Case{column("c", "bytea"), "varbinary(max)"},
        Case{column("c", "date"), "date"}, Case{column("c", "timestamp"), "datetime2(6)"},
        Case{column("c", "timestamp", {}, 3), "datetime2(3)"}, Case{column("c", "timestamptz"), "datetimeoffset(6)"},
        Case{column("c", "time"), "time(6)"}, Case{column("c", "timetz"), "nvarchar(24)"},
        Case{column("c", "interval"), "nvarchar(60)"}, Case{column("c", "uuid"), "uniqueidentifier"},
        Case{column("c", "jsonb"), "nvarchar(max)"}, Case{column("c", "bit", 1), "bit"},
        Case{column("c", "bit", 8), "nvarchar(8)"}, Case{column("c", "inet"), "nvarchar(43)"},
        Case{column("c", "tsvector"), "nvarchar(max)"}));

TEST(MapsNumericWithoutPrecision, ToTheSmallestScaleThatHoldsTheRows) {
  EXPECT_EQ(mapped(column("c", "numeric"), {.max_integer_digits = 20, .max_scale = 9}), "decimal(38,9)");
  EXPECT_EQ(mapped(column("c", "numeric"), {.max_integer_digits = 30, .max_scale = 8}), "decimal(38,8)");
  EXPECT_EQ(mapped(column("c", "numeric"), {.max_integer_digits = 30, .max_scale = 9}), "nvarchar(max)");
}

TEST(TextKey, IsBoundedAndBinary) {
  SourceTable table{.name = {"public", "t"}, .columns = {column("k", "text")}, .primary_key = {"k"}};
  const auto plan = plan_table(table, {});
  EXPECT_EQ(plan.target.columns[0].type.to_string(), "nvarchar(450)");
  EXPECT_EQ(plan.target.columns[0].collation, "Latin1_General_100_BIN2");
  EXPECT_FALSE(plan.target.columns[0].nullable);
}

TEST(TextKey, ThatHoldsLongerValuesIsRefused) {
  SourceTable table{.name = {"public", "t"}, .columns = {column("k", "text")}, .primary_key = {"k"}};
  const auto plan = plan_table(table, {}, {{"k", {.max_utf16_units = 451}}});
  ASSERT_EQ(plan.issues.size(), 1U);
  EXPECT_TRUE(plan.issues[0].fatal);
  EXPECT_EQ(plan.issues[0].id, "key.too_long");
}

TEST(BytesKey, WarnsOfZeroBytesAtTheEndAndRefusesTwins) {
  const SourceTable table{.name = {"public", "t"}, .columns = {column("k", "bytea")}, .primary_key = {"k"}};
  const auto plan = plan_table(table, {}, {{"k", {}}});
  EXPECT_EQ(plan.target.columns[0].type.to_string(), "varbinary(900)");
  EXPECT_EQ(plan.issues.at(1).id, "key.zero_bytes");
  EXPECT_FALSE(plan.issues.at(1).fatal);
  const std::map<std::string, ColumnFacts> twins{{"k", {.padding_twins = true}}};
  EXPECT_TRUE(plan_table(table, {}, twins).issues.at(1).fatal);
  const MappingOptions as_text{
      .tables = {{table.name, {.column_types = {{"k", {.name = "nvarchar", .length = 450}}}}}}};
  EXPECT_TRUE(plan_table(table, as_text, twins).issues.empty()) << "as text it keeps all its digits";
}

TEST(Values, WithoutAPlaceAreRefusedUnderThePolicyFail) {
  SourceTable table{
      .name = {"public", "t"}, .columns = {column("id", "int4"), column("f", "float8")}, .primary_key = {"id"}};
  const std::map<std::string, ColumnFacts> facts{{"f", {.has_special = true}}};
  EXPECT_TRUE(plan_table(table, {}, facts).issues.at(0).fatal);
  EXPECT_TRUE(plan_table(table, {.value_policy = ValuePolicy::kText}, facts).issues.empty());
}

TEST(Columns, HaveNamesAndPoliciesOfTheirOwn) {
  SourceTable table{.name = {"public", "t"},
                    .columns = {column("id", "int4"), column("f", "float8"), column("g", "float8")},
                    .primary_key = {"id"}};
  const std::map<std::string, ColumnFacts> facts{{"f", {.has_special = true}}};
  MappingOptions options{.tables = {{table.name,
                                     {.column_names = {{"id", "No"}, {"f", "g"}, {"g", "f"}},
                                      .column_policies = {{"f", ValuePolicy::kNull}, {"g", ValuePolicy::kText}}}}}};
  const auto plan = plan_table(table, options, facts);
  EXPECT_TRUE(plan.issues.empty()) << plan.issues.at(0).message;
  EXPECT_THAT(plan.target.primary_key, ::testing::ElementsAre("No"));
  EXPECT_THAT(plan.key, ::testing::ElementsAre("id"));
  EXPECT_EQ(plan.target.columns[1].name, "g");
  EXPECT_EQ(plan.target.columns[1].type.name, "float");
  EXPECT_EQ(plan.columns[1].policy, ValuePolicy::kNull);
  EXPECT_EQ(plan.target.columns[2].type.name, "nvarchar");
  EXPECT_EQ(plan.columns[0].policy, std::nullopt);

  options.tables[table.name].column_names = {{"id", "f"}, {"none", "x"}, {"g", ""}};
  std::vector<std::string> refused;
  for (const auto& issue : plan_table(table, options, facts).issues) {
    EXPECT_TRUE(issue.fatal);
    refused.push_back(issue.id + " " + issue.column);
  }
  EXPECT_THAT(refused, ::testing::ElementsAre("name.too_long g", "column.unknown none", "name.collision f"));
}

TEST(Generated, ColumnsAreLeftOutAndSaidSo) {
  auto made = column("g", "int4");
  made.generated = Generated::kStored;
  const auto plan =
      plan_table({.name = {"public", "t"}, .columns = {column("id", "int4"), made}, .primary_key = {"id"}}, {});
  EXPECT_THAT(plan.left_out, ::testing::ElementsAre("g"));
  EXPECT_EQ(plan.issues.at(0).id, "column.generated");
}

TEST(Names, ThatDifferOnlyInCaseAreRefused) {
  const auto plan = plan_table(
      {.name = {"public", "t"}, .columns = {column("id", "int4"), column("ID", "int4")}, .primary_key = {"id"}}, {});
  EXPECT_EQ(plan.issues.at(0).id, "name.collision");
  const auto first = plan_table({.name = {"a", "T"}, .columns = {column("id", "int4")}, .primary_key = {"id"}}, {});
  const auto second = plan_table({.name = {"b", "t"}, .columns = {column("id", "int4")}, .primary_key = {"id"}}, {});
  EXPECT_EQ(check_plans({first, second}).size(), 1U);
}

TEST(Ddl, QuotesNamesAndNamesTheKey) {
  const auto plan = plan_table(
      {.name = {"public", "a]b"}, .columns = {column("Id", "int4"), column("x", "text")}, .primary_key = {"Id"}}, {});
  EXPECT_EQ(create_table_sql(plan.target),
            "CREATE TABLE [dbo].[a]]b] (\n  [Id] int NOT NULL,\n  [x] nvarchar(max) NULL,\n"
            "  CONSTRAINT [PK_a]]b] PRIMARY KEY CLUSTERED ([Id])\n)");
}

}  // namespace
}  // namespace millrace::schema
