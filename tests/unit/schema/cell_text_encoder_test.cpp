#include <fmt/format.h>

#include "encoder_fixture.hpp"

namespace millrace::schema {
namespace {

std::string canonical(const ColumnMapping& column, std::string_view text) {
  Cell cell;
  make_encoder(column, ValuePolicy::kFail)->encode(WireFormat::kText, text, cell);
  std::vector<std::uint8_t> bytes;
  canonical_bytes(cell_kind(column.target.type), column.target.type, cell, bytes);
  std::string hex;
  for (const auto byte : bytes) hex += fmt::format("{:02X}", byte);
  return hex;
}

std::string canonical(const SourceType& type, std::string_view text) {
  return canonical(mapping(type), text);
}

TEST(CanonicalBytes, AreWhatSqlServerConverts) {
  EXPECT_EQ(canonical(source_type("bool"), "t"), "0000000000000001");
  EXPECT_EQ(canonical(source_type("int2"), "-2"), "FFFFFFFFFFFFFFFE");
  EXPECT_EQ(canonical(source_type("float8"), "1"), "3FF0000000000000");
  EXPECT_EQ(canonical(source_type("float8"), "-0"), "8000000000000000");
  EXPECT_EQ(canonical(source_type("float4"), "0.5"), "3FE0000000000000");
  EXPECT_EQ(canonical(source_type("numeric", {}, 5, 5), "-0.001"), "2D302E3030313030");  // -0.00100
  EXPECT_EQ(canonical(source_type("numeric", {}, 5, 0), "0"), "30");
  EXPECT_EQ(canonical(source_type("date"), "0001-01-02"), "0000000000000001");
  EXPECT_EQ(canonical(source_type("time"), "00:00:00.000001"), "00000000000003E8");
  EXPECT_EQ(canonical(source_type("timestamp"), "0001-01-03 00:00:00.000001"), "000000000000000200000000000003E8");
  EXPECT_EQ(canonical(source_type("timestamptz"), "0001-01-03 01:00:00+01"), "00000000000000020000000000000000");
  EXPECT_EQ(canonical(source_type("uuid"), "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11").substr(0, 18), "41304545424339392D");
  EXPECT_EQ(canonical(source_type("text"), "aü😀"), "6100FC003DD800DE");
  EXPECT_EQ(canonical(source_type("bytea"), "\\x00ff"), "00FF");
}

TEST(CanonicalExpression, IsTheSameInTransactSql) {
  const auto expression = [](const TargetType& type) { return canonical_expression(cell_kind(type), type, "[c]"); };
  EXPECT_EQ(expression({"int"}), "CONVERT(varbinary(8), CONVERT(bigint, [c]))");
  EXPECT_EQ(expression({"real"}), "CONVERT(varbinary(8), CONVERT(float(53), [c]))");
  EXPECT_EQ(expression(decimal_type(9, 2)), "CONVERT(varbinary(41), CONVERT(varchar(41), [c]))");
  EXPECT_EQ(expression({"nvarchar", 10}), "CONVERT(varbinary(max), [c])");
  EXPECT_EQ(expression({"uniqueidentifier"}), "CONVERT(varbinary(36), CONVERT(char(36), [c]))");
  EXPECT_EQ(
      expression({"datetime2", {}, {}, 6}),
      "(CONVERT(varbinary(8), CONVERT(bigint, DATEDIFF(day, CONVERT(date, '00010101', 112), CONVERT(date, [c])))) + "
      "CONVERT(varbinary(8), DATEDIFF_BIG(nanosecond, CONVERT(time(7), '00:00:00', 108), CONVERT(time(7), [c]))))");
  EXPECT_NE(expression({"datetimeoffset", {}, {}, 6}).find("CONVERT(datetime2(7), SWITCHOFFSET([c], '+00:00'))"),
            std::string::npos);
}

TEST(CellBytes, CountWhatAReusedCellHolds) {
  Cell cell;
  EXPECT_EQ(cell_bytes(CellKind::kText, cell), 16U);
  cell.null = false;
  cell.text = u"abc";
  cell.bytes.resize(5);
  EXPECT_EQ(cell_bytes(CellKind::kText, cell), 6U);
  EXPECT_EQ(cell_bytes(CellKind::kBinary, cell), 5U);
  EXPECT_EQ(cell_bytes(CellKind::kInt, cell), 16U);
}

TEST(CellKind, KnowsRealBehindFloat) {
  EXPECT_EQ(cell_kind({"float", {}, 24}), CellKind::kReal);
  EXPECT_EQ(cell_kind({"float", {}, 25}), CellKind::kFloat);
  EXPECT_EQ(cell_kind({"float"}), CellKind::kFloat);
  EXPECT_THROW(cell_kind({"sql_variant"}), Error);
}

}  // namespace
}  // namespace millrace::schema
