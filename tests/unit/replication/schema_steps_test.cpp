#include "replication/schema_steps.hpp"

#include <gtest/gtest.h>

#include "golden.hpp"
#include "replication/type_change.hpp"
#include "schema_fixture.hpp"
#include "support/error.hpp"

namespace millrace::replication {
namespace {

using schema::ValuePolicy;

OldRowsValue no_value(int /*attnum*/) {
  return {};
}

std::string shown(const ShapeChange& change) {
  std::string text;
  for (const auto& step : change.steps) {
    const bool ignored = step.news && step.news->kind == StepNews::Kind::kIgnored;
    const auto told = step.news ? (ignored ? "ignored: " : "") + step.news->message : "";
    text += shown(told, Sql{step.sql, step.values});
  }
  text += "-- then:";
  for (const auto& column : change.shape.plan.columns) {
    text += " " + column.source.name + "=" + column.target.name + ":" + column.target.type.to_string() +
            (column.target.nullable ? "" : "!");
  }
  text += "\n-- version " + std::to_string(change.shape.version) + ", key";
  for (const auto& name : change.shape.key) text += " " + name;
  text += ", target key";
  for (const auto& name : change.shape.plan.target.primary_key) text += " " + name;
  text += ", left out";
  for (const auto& name : change.shape.plan.left_out) text += " " + name;
  return text + "\n";
}

ShapeChange follow(const std::vector<SchemaChange>& changes, const SchemaPolicies& policies = {},
                   const OldRows& old_rows = no_value, const TableShape& shape = orders_shape()) {
  return follow_changes(shape, changes, policies, ValuePolicy::kFail, old_rows);
}

SchemaChange added(const schema::SourceColumn& source) {
  return {.kind = ChangeKind::kAddColumn, .column = source.name, .source = source};
}
SchemaChange dropped(const std::string& name) {
  return {.kind = ChangeKind::kDropColumn, .column = name};
}
SchemaChange renamed(const std::string& from, const std::string& to) {
  return {.kind = ChangeKind::kRenameColumn, .column = from, .name = to};
}
SchemaChange retyped(const std::string& name, const schema::SourceColumn& source) {
  return {.kind = ChangeKind::kChangeType, .column = name, .source = source};
}

/// The column of the refusal, or "followed".
std::string refused(const std::vector<SchemaChange>& changes, const SchemaPolicies& policies = {},
                    const OldRows& old_rows = no_value, const TableShape& shape = orders_shape()) {
  try {
    follow(changes, policies, old_rows, shape);
    return "followed";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kSchemaChanged) << error.message();
    EXPECT_EQ(error.context().table, "public.orders");
    EXPECT_NE(error.suggestion().find("public.orders"), std::string::npos) << error.suggestion();
    return error.context().column;
  }
}

TEST(SchemaSteps, AddedColumns) {
  const auto values = [](int attnum) -> OldRowsValue {
    switch (attnum) {
      case 8:
        return {OldRowsValue::Known::kValue, "it's ?"};
      case 9:
        return {OldRowsValue::Known::kValue, "\\x00ff"};
      case 10:
        return {OldRowsValue::Known::kValue, "2024-02-29 12:00:00.5+00"};
      case 11:
        return {OldRowsValue::Known::kValue, "t"};
      case 12:
        return {OldRowsValue::Known::kValue, "1e-07"};
      default:
        return {};
    }
  };
  expect_golden("schema_add",
                shown(follow({added(column(7, "plain", "int4", 23)), added(column(8, "te]xt", "text", 25, true)),
                              added(column(9, "raw", "bytea", 17)), added(column(10, "at", "timestamptz", 1184)),
                              added(column(11, "flag", "bool", 16)), added(column(12, "rate", "float8", 701))},
                             {}, values)));
}

TEST(SchemaSteps, DroppedAndRenamedColumns) {
  expect_golden("schema_drop_rename", shown(follow({dropped("note"), renamed("part", "note")})));
}

TEST(SchemaSteps, NamesExchangedGoByAThird) {
  expect_golden("schema_swap", shown(follow({renamed("note", "size"), renamed("size", "note")})));
}

TEST(SchemaSteps, ARenamedKey) {
  expect_golden("schema_rename_key", shown(follow({renamed("id", "no"), renamed("note", "Note")})));
}

TEST(SchemaSteps, WiderTypes) {
  expect_golden("schema_widen", shown(follow({retyped("size", column(3, "size", "int8", 20)),
                                              retyped("part", column(6, "part", "varchar", 1043, true, 40)),
                                              retyped("note", column(2, "note", "citext", 90000))})));
}

TEST(SchemaSteps, AWiderKeyIsTakenDownAndMadeAnew) {
  expect_golden("schema_widen_key", shown(follow({retyped("id", column(1, "id", "int8", 20, true))})));
}

TEST(SchemaSteps, AnotherKey) {
  expect_golden("schema_key", shown(follow({{.kind = ChangeKind::kChangeKey, .key = {"part", "note"}}})));
}

TEST(SchemaSteps, TheFirstKey) {
  const auto keyless = bind(source_table("orders", {column(1, "id", "int4", 23), column(2, "note", "text", 25)}, {}));
  expect_golden("schema_first_key",
                shown(follow({{.kind = ChangeKind::kChangeKey, .key = {"id"}}}, {}, no_value, keyless->shape())));
}

TEST(SchemaSteps, NullsAndLeftOutColumns) {
  expect_golden("schema_small", shown(follow({{.kind = ChangeKind::kDropNotNull, .column = "part"},
                                              {.kind = ChangeKind::kLeaveOut, .column = "gone"},
                                              {.kind = ChangeKind::kForget, .column = "secret", .name = "hidden"}})));
}

TEST(SchemaSteps, IgnoredChangesLeaveTheTargetAlone) {
  expect_golden("schema_ignored",
                shown(follow({dropped("part"), renamed("id", "no"), added(column(7, "extra", "int4", 23)),
                              retyped("size", column(3, "size", "int8", 20))},
                             SchemaPolicy::kIgnore)));
}

TEST(SchemaSteps, PauseNamesTheColumn) {
  const SchemaPolicies pause(SchemaPolicy::kPause);
  EXPECT_EQ(refused({added(column(7, "extra", "int4", 23))}, pause), "extra");
  EXPECT_EQ(refused({dropped("note")}, pause), "note");
  EXPECT_EQ(refused({renamed("note", "remark")}, pause), "note");
  EXPECT_EQ(refused({retyped("size", column(3, "size", "int8", 20))}, pause), "size");
  EXPECT_EQ(refused({{.kind = ChangeKind::kDropNotNull, .column = "part"}}, pause), "part");
  EXPECT_EQ(refused({{.kind = ChangeKind::kChangeKey, .key = {"part"}}}, pause), "");
}

TEST(SchemaSteps, APolicyForEachKind) {
  SchemaPolicies policies(SchemaPolicy::kPause);
  policies.add_column = SchemaPolicy::kApply;
  EXPECT_EQ(refused({added(column(7, "extra", "int4", 23))}, policies), "followed");
  EXPECT_EQ(refused({dropped("note")}, policies), "note");
}

TEST(SchemaSteps, WhatCannotBeFollowed) {
  EXPECT_EQ(refused({dropped("id")}), "id") << "the target's key";
  EXPECT_EQ(refused({added(column(7, "NOTE", "int4", 23))}), "NOTE") << "the same name to SQL Server";
  EXPECT_EQ(refused({renamed("size", "Note")}), "size");
  EXPECT_EQ(refused({{.kind = ChangeKind::kChangeKey, .key = {"secret"}}}), "secret");
  EXPECT_EQ(refused({added(column(7, "extra", "float8", 701))}, {},
                    [](int) -> OldRowsValue {
                      return {OldRowsValue::Known::kValue, "NaN"};
                    }),
            "extra")
      << "a default without a place on the target";
}

TEST(SchemaSteps, WhatOnlyALoadFollows) {
  const auto untold = [](const SchemaChange& change, const SchemaPolicies& policies = {},
                         const OldRows& old_rows = no_value) {
    const auto followed = follow({change}, policies, old_rows);
    if (!followed.untold) return std::string("told");
    return (followed.untold->followed ? "" : "not followed: ") + followed.untold->column;
  };
  const auto shorter = retyped("part", column(6, "part", "varchar", 1043, true, 5));
  EXPECT_EQ(untold(retyped("note", column(2, "note", "int4", 23))), "note") << "rows were rewritten unseen";
  EXPECT_EQ(untold(shorter), "part");
  EXPECT_EQ(untold(shorter, SchemaPolicy::kIgnore), "not followed: part");
  EXPECT_EQ(untold(retyped("size", column(3, "size", "int8", 20))), "told");
  EXPECT_EQ(untold(added(column(7, "extra", "uuid", 2950)), {},
                   [](int) -> OldRowsValue { return {OldRowsValue::Known::kUnlogged}; }),
            "extra");
}

TEST(SchemaSteps, AGeneratedColumnIsLeftOut) {
  auto generated = column(7, "total", "int4", 23);
  generated.generated = schema::Generated::kStored;
  const auto change = follow({added(generated)});
  ASSERT_EQ(change.steps.size(), 1U);
  EXPECT_TRUE(change.steps[0].sql.empty());
  EXPECT_EQ(change.steps[0].news->kind, StepNews::Kind::kIgnored);
  EXPECT_FALSE(change.rebinds);
  EXPECT_EQ(change.shape.plan.left_out, (std::vector<std::string>{"secret", "total"}));
}

TEST(SchemaSteps, TheShapeSurvivesItsJson) {
  const auto change = follow({dropped("note"), renamed("id", "no"), added(column(7, "extra", "int4", 23))});
  const auto back = parse_shape(to_json_text(change.shape));
  EXPECT_EQ(to_json_text(back), to_json_text(change.shape));
  const TableBinding binding("P", back, ValuePolicy::kFail, ApplyMode::kNet);
  EXPECT_EQ(binding.columns().size(), 4U);
  EXPECT_EQ(binding.key(), std::vector<std::size_t>{0});
}

TEST(TypeChange, ValuesThatStayWhatTheyWere) {
  const auto type = [](const std::string& name, std::optional<int> length = {}, std::optional<int> precision = {},
                       std::optional<int> scale = {}) {
    return schema::SourceType{
        .schema = "pg_catalog", .name = name, .length = length, .precision = precision, .scale = scale};
  };
  const auto numeric = [&](int precision, int scale) { return type("numeric", {}, precision, scale); };
  EXPECT_TRUE(keeps_values(type("int2"), type("int8")));
  EXPECT_FALSE(keeps_values(type("int8"), type("int4")));
  EXPECT_TRUE(keeps_values(type("int4"), numeric(12, 2)));
  EXPECT_FALSE(keeps_values(type("int4"), numeric(11, 2)));
  EXPECT_TRUE(keeps_values(type("int4"), type("text")));
  EXPECT_FALSE(keeps_values(type("int4"), type("varchar", 5)));
  EXPECT_TRUE(keeps_values(numeric(10, 2), numeric(12, 3)));
  EXPECT_FALSE(keeps_values(numeric(10, 2), numeric(10, 3)));
  EXPECT_FALSE(keeps_values(numeric(10, 2), numeric(12, 1)));
  EXPECT_TRUE(keeps_values(numeric(10, 2), type("numeric")));
  EXPECT_FALSE(keeps_values(type("numeric"), numeric(30, 10)));
  EXPECT_FALSE(keeps_values(type("text"), type("numeric")));
  EXPECT_TRUE(keeps_values(type("varchar", 10), type("varchar", 11)));
  EXPECT_FALSE(keeps_values(type("varchar", 10), type("varchar", 9)));
  EXPECT_TRUE(keeps_values(type("varchar", 10), type("text")));
  EXPECT_FALSE(keeps_values(type("text"), type("varchar", 10)));
  EXPECT_FALSE(keeps_values(type("bpchar", 10), type("text"))) << "the cast takes the blanks away";
  EXPECT_TRUE(keeps_values(type("float4"), type("float8")));
  EXPECT_FALSE(keeps_values(type("float8"), type("float4")));
  EXPECT_TRUE(keeps_values(type("timestamp", {}, 3), type("timestamp")));
  EXPECT_FALSE(keeps_values(type("timestamp"), type("timestamp", {}, 3)));
  EXPECT_FALSE(keeps_values(type("timestamp"), type("timestamptz"))) << "by the time zone of a session";
  EXPECT_TRUE(keeps_values(type("date"), type("timestamp")));
  EXPECT_FALSE(keeps_values(type("json"), type("jsonb")));
  EXPECT_FALSE(keeps_values(type("uuid"), type("text")));
}

}  // namespace
}  // namespace millrace::replication
