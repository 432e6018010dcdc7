#include "sqlserver/bulk_row.hpp"

#include <gtest/gtest.h>

#include <cstring>

namespace millrace::sqlserver {
namespace {

using schema::Cell;
using schema::TargetType;

/// A row of one column.
class OneColumn {
 public:
  explicit OneColumn(TargetType type) : row_({{"c", std::move(type)}}) {}

  bool fill(const Cell& cell) { return row_.fill(row_.slots().front(), cell); }
  std::int32_t length() const { return read<std::int32_t>(0); }
  template <typename Value>
  Value read(std::size_t at) const {
    Value value{};
    std::memcpy(&value, row_.indicator(row_.slots().front()) + at, sizeof value);
    return value;
  }
  template <typename Value>
  Value data(std::size_t at = 0) const {
    return read<Value>(BulkRow::kIndicatorBytes + at);
  }
  const BulkSlot& slot() const { return row_.slots().front(); }

 private:
  BulkRow row_;
};

TargetType type(const std::string& name, std::optional<int> length = {}, std::optional<int> precision = {},
                std::optional<int> scale = {}) {
  return {name, length, precision, scale};
}

Cell integer(std::int64_t value) {
  Cell cell;
  cell.null = false;
  cell.integer = value;
  return cell;
}

constexpr std::int64_t kDay = 86'400'000'000;

TEST(BulkRow, NullIsALengthOfMinusOne) {
  OneColumn column(type("int"));
  EXPECT_TRUE(column.fill(integer(5)));
  EXPECT_EQ(column.length(), 4);
  EXPECT_TRUE(column.fill(Cell{}));
  EXPECT_EQ(column.length(), -1);
}

TEST(BulkRow, IntegersTakeTheirWidth) {
  OneColumn big(type("bigint"));
  EXPECT_TRUE(big.fill(integer(INT64_MIN)));
  EXPECT_EQ(big.length(), 8);
  EXPECT_EQ(big.data<std::int64_t>(), INT64_MIN);
  OneColumn small(type("smallint"));
  EXPECT_TRUE(small.fill(integer(-32768)));
  EXPECT_EQ(small.data<std::int16_t>(), -32768);
  OneColumn tiny(type("tinyint"));
  EXPECT_TRUE(tiny.fill(integer(255)));
  EXPECT_EQ(tiny.data<std::uint8_t>(), 255);
  EXPECT_FALSE(tiny.fill(integer(256)));
  EXPECT_FALSE(tiny.fill(integer(-1)));
}

TEST(BulkRow, DatesFollowTheGregorianCalendar) {
  OneColumn column(type("date"));
  const std::vector<std::tuple<std::int64_t, int, int, int>> cases = {
      {0, 1, 1, 1},          {58, 1, 2, 28},        {59, 1, 3, 1},           {730'178, 2000, 2, 29},
      {730'179, 2000, 3, 1}, {693'595, 1900, 1, 1}, {693'653, 1900, 2, 28},  {693'654, 1900, 3, 1},
      {719'162, 1970, 1, 1}, {729'754, 1999, 1, 1}, {730'118, 1999, 12, 31}, {3'652'058, 9999, 12, 31}};
  for (const auto& [days, year, month, day] : cases) {
    ASSERT_TRUE(column.fill(integer(days)));
    EXPECT_EQ(column.data<std::int16_t>(), year) << days;
    EXPECT_EQ(column.data<std::uint16_t>(2), month) << days;
    EXPECT_EQ(column.data<std::uint16_t>(4), day) << days;
  }
  EXPECT_FALSE(column.fill(integer(-1)));
  EXPECT_FALSE(column.fill(integer(3'652'059)));
}

TEST(BulkRow, TimesCountNanoseconds) {
  OneColumn column(type("time", {}, {}, 6));
  ASSERT_TRUE(column.fill(integer(kDay - 1)));
  EXPECT_EQ(column.length(), 12);
  EXPECT_EQ(column.data<std::uint16_t>(0), 23);
  EXPECT_EQ(column.data<std::uint16_t>(2), 59);
  EXPECT_EQ(column.data<std::uint16_t>(4), 59);
  EXPECT_EQ(column.data<std::uint32_t>(8), 999'999'000U);
  EXPECT_FALSE(column.fill(integer(kDay)));
}

TEST(BulkRow, DateTime2AndOffset) {
  OneColumn plain(type("datetime2", {}, {}, 6));
  ASSERT_TRUE(plain.fill(integer(3'652'058 * kDay + kDay - 1)));
  EXPECT_EQ(plain.length(), 16);
  EXPECT_EQ(plain.data<std::int16_t>(0), 9999);
  EXPECT_EQ(plain.data<std::uint16_t>(6), 23);
  EXPECT_EQ(plain.data<std::uint32_t>(12), 999'999'000U);
  EXPECT_FALSE(plain.fill(integer(3'652'059 * kDay)));
  EXPECT_FALSE(plain.fill(integer(-1)));
  OneColumn offset(type("datetimeoffset", {}, {}, 6));
  ASSERT_TRUE(offset.fill(integer(719'162 * kDay)));
  EXPECT_EQ(offset.length(), 20);
  EXPECT_EQ(offset.data<std::int16_t>(0), 1970);
  EXPECT_EQ(offset.data<std::int32_t>(16), 0);
}

TEST(BulkRow, DecimalsCarrySignAndScale) {
  OneColumn column(type("decimal", {}, 38, 10));
  Cell cell;
  cell.null = false;
  cell.negative = true;
  cell.magnitude = (schema::Uint128{0x0102030405060708} << 64) | 0x090a0b0c0d0e0f10;
  ASSERT_TRUE(column.fill(cell));
  EXPECT_EQ(column.length(), 19);
  EXPECT_EQ(column.data<std::uint8_t>(0), 38);
  EXPECT_EQ(column.data<std::uint8_t>(1), 10);
  EXPECT_EQ(column.data<std::uint8_t>(2), 0);
  EXPECT_EQ(column.data<std::uint8_t>(3), 0x10);
  EXPECT_EQ(column.data<std::uint8_t>(18), 0x01);
}

TEST(BulkRow, GuidsTurnTheirFirstThreeGroups) {
  OneColumn column(type("uniqueidentifier"));
  Cell cell;
  cell.null = false;
  for (std::size_t i = 0; i < 16; ++i) cell.guid[i] = static_cast<std::uint8_t>(i);
  ASSERT_TRUE(column.fill(cell));
  const std::array<std::uint8_t, 16> wanted = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
  EXPECT_EQ((column.data<std::array<std::uint8_t, 16>>()), wanted);
}

TEST(BulkRow, TextHasItsColumnsRoomAndNoMore) {
  OneColumn column(type("nvarchar", 3));
  Cell cell;
  cell.null = false;
  cell.text = u"a\U0001F600";
  ASSERT_TRUE(column.fill(cell));
  EXPECT_EQ(column.length(), 6);
  EXPECT_EQ(column.data<char16_t>(2), 0xD83D);
  cell.text = u"abcd";
  EXPECT_FALSE(column.fill(cell));
  cell.text.clear();
  ASSERT_TRUE(column.fill(cell));
  EXPECT_EQ(column.length(), 0);
}

TEST(BulkRow, LongTypesGoByPointer) {
  EXPECT_TRUE(OneColumn(type("nvarchar", TargetType::kMax)).slot().by_pointer);
  EXPECT_TRUE(OneColumn(type("varbinary", TargetType::kMax)).slot().by_pointer);
  EXPECT_FALSE(OneColumn(type("varbinary", 8000)).slot().by_pointer);
}

TEST(BulkRow, SlotsDoNotOverlap) {
  BulkRow row(
      {{"a", type("bit")}, {"b", type("nvarchar", 4000)}, {"c", type("decimal", {}, 38, 0)}, {"d", type("bigint")}});
  const auto& slots = row.slots();
  for (std::size_t i = 0; i + 1 < slots.size(); ++i) {
    EXPECT_LE(slots[i].offset + BulkRow::kIndicatorBytes + slots[i].capacity, slots[i + 1].offset);
    EXPECT_EQ((slots[i].offset + BulkRow::kIndicatorBytes) % 8, 0U);
  }
}

}  // namespace
}  // namespace millrace::sqlserver
