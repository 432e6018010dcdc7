#include "replication/shape_json.hpp"

#include <gtest/gtest.h>

#include "binding_fixture.hpp"
#include "support/error.hpp"

namespace millrace::replication {
namespace {

TableShape sample() {
  auto numeric = column(5, "price", "numeric", 1700);
  numeric.type.precision = 12;
  numeric.type.scale = -2;
  auto tags = column(7, "tags", "text", 1009);
  tags.type.is_array = true;
  auto state = column(8, "state", "mood", 90001, true);
  state.type.kind = schema::TypeKind::kEnum;
  state.type.schema = "public";
  state.type.longest_label = 9;
  const auto source = source_table("or\"ders]",
                                   {column(1, "part", "varchar", 1043, true, 20), column(3, "secret", "text", 25),
                                    numeric, tags, state, column(9, "caf\xC3\xA9 \"x\"", "timestamptz", 1184)},
                                   {"part"});
  schema::MappingOptions options;
  options.tables[source.name].exclude_columns = {"secret"};
  options.tables[source.name].rename = schema::TableName{"Sales", "Or Ders"};
  options.tables[source.name].column_names = {{"tags", "labels"}};
  options.tables[source.name].column_policies = {{"tags", schema::ValuePolicy::kClamp}};
  auto plan = schema::plan_table(source, options);
  auto key = stream_key(plan);
  return {std::move(plan), std::move(key), 7};
}

TEST(ShapeJson, GivesBackWhatTheEngineNeeds) {
  auto shape = sample();
  shape.plan.source.partitioned = true;
  shape.files = {
      .numbers = {{11, 11}}, .columns = {{1, {700, "a"}}}, .partitions = {{11, {"public.\"A\"", " 700 701"}}}};
  const auto back = parse_shape(to_json_text(shape));
  EXPECT_EQ(back.version, 7);
  EXPECT_TRUE(back.plan.source.partitioned);
  EXPECT_EQ(back.files, shape.files);
  EXPECT_EQ(back.key, std::vector<std::string>{"part"});
  EXPECT_EQ(back.plan.source.name, shape.plan.source.name);
  EXPECT_EQ(back.plan.target.name, shape.plan.target.name);
  EXPECT_EQ(back.plan.left_out, std::vector<std::string>{"secret"});
  EXPECT_EQ(back.plan.target.primary_key, std::vector<std::string>{"part"});
  EXPECT_EQ(back.plan.key, shape.plan.key);
  ASSERT_EQ(back.plan.columns.size(), shape.plan.columns.size());
  for (std::size_t i = 0; i < back.plan.columns.size(); ++i) {
    const auto& one = shape.plan.columns[i];
    const auto& other = back.plan.columns[i];
    SCOPED_TRACE(one.source.name);
    EXPECT_EQ(other.source.attnum, one.source.attnum);
    EXPECT_EQ(other.source.name, one.source.name);
    EXPECT_EQ(other.policy, one.policy);
    EXPECT_EQ(other.source.type.oid, one.source.type.oid);
    EXPECT_EQ(other.source.type.schema, one.source.type.schema);
    EXPECT_EQ(other.source.type.name, one.source.type.name);
    EXPECT_EQ(other.source.type.kind, one.source.type.kind);
    EXPECT_EQ(other.source.type.is_array, one.source.type.is_array);
    EXPECT_EQ(other.source.type.length, one.source.type.length);
    EXPECT_EQ(other.source.type.precision, one.source.type.precision);
    EXPECT_EQ(other.source.type.scale, one.source.type.scale);
    EXPECT_EQ(other.source.type.longest_label, one.source.type.longest_label);
    EXPECT_EQ(other.source.not_null, one.source.not_null);
    EXPECT_EQ(other.source.toastable, one.source.toastable);
    EXPECT_EQ(other.key, one.key);
    EXPECT_EQ(other.target.name, one.target.name);
    EXPECT_EQ(other.target.type, one.target.type);
    EXPECT_EQ(other.target.nullable, one.target.nullable);
    EXPECT_EQ(other.target.collation, one.target.collation);
  }
  EXPECT_EQ(to_json_text(back), to_json_text(shape));
}

TEST(ShapeJson, ABindingFromItEncodesTheSame) {
  const auto shape = sample();
  const TableBinding first("P", shape, schema::ValuePolicy::kFail, ApplyMode::kNet);
  const TableBinding second("P", parse_shape(to_json_text(shape)), schema::ValuePolicy::kFail, ApplyMode::kNet);
  EXPECT_EQ(first.key(), second.key());
  EXPECT_EQ(first.stage(), second.stage());
  for (std::size_t i = 0; i < first.columns().size(); ++i) EXPECT_EQ(first.columns()[i].kind, second.columns()[i].kind);
}

TEST(ShapeJson, RefusesWhatItDidNotWrite) {
  for (const char* text : {"", "{}", "[]", "{\"source\":1}", "null", "{\"version\":\"x\"}"}) {
    try {
      parse_shape(text);
      FAIL() << text;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kStore) << text;
    }
  }
}

}  // namespace
}  // namespace millrace::replication
