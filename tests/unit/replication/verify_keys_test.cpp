#include "replication/verify_keys.hpp"

#include <gtest/gtest.h>

#include "binding_fixture.hpp"
#include "support/utf16.hpp"
#include "verified_cells.hpp"

namespace millrace::replication {
namespace {

using schema::ValuePolicy;

schema::Cell text(std::u16string units) {
  schema::Cell cell;
  cell.null = false;
  cell.text = std::move(units);
  return cell;
}

std::shared_ptr<TableBinding> keyed(const std::string& type, std::uint32_t oid) {
  return bind(source_table("keyed", {column(1, "k", type, oid, true), column(2, "v", "text", 25)}, {"k"}));
}

std::string source_sql(const TableBinding& table, const RowKey& key) {
  const std::vector<const RowKey*> keys = {&key};
  return source_key_sql(table, keys);
}

std::string target_sql(const TableBinding& table, const RowKey& key) {
  const std::vector<const RowKey*> keys = {&key};
  return target_key_sql(table, keys);
}

TEST(VerifyKeys, OnlyKeysThatComeBackFromTheirTextAreSought) {
  EXPECT_TRUE(sought_by_key(*orders(), ValuePolicy::kFail));
  EXPECT_TRUE(sought_by_key(*orders(), ValuePolicy::kClamp));
  EXPECT_TRUE(sought_by_key(*lines(), ValuePolicy::kFail));
  EXPECT_FALSE(sought_by_key(*log_table(), ValuePolicy::kFail));
  EXPECT_FALSE(sought_by_key(*keyed("float8", 701), ValuePolicy::kFail));
  EXPECT_FALSE(sought_by_key(*keyed("interval", 1186), ValuePolicy::kFail));
  // Another value than the source's may stand on the target.
  EXPECT_TRUE(sought_by_key(*keyed("date", 1082), ValuePolicy::kFail));
  EXPECT_FALSE(sought_by_key(*keyed("date", 1082), ValuePolicy::kClamp));
}

TEST(VerifyKeys, OneColumnIsAList) {
  const auto table = orders();
  const RowKey one = key_of(*table, {number(-5), {}, {}});
  const RowKey other = key_of(*table, {number(7), {}, {}});
  const std::vector<const RowKey*> keys = {&one, &other};
  EXPECT_EQ(source_key_sql(*table, keys), "\"id\" IN ('-5', '7')");
  EXPECT_EQ(target_key_sql(*table, keys), "t.[id] IN (-5, 7)");
}

TEST(VerifyKeys, SeveralColumnsInKeyOrder) {
  const auto table = lines();
  const RowKey key = key_of(*table, {number(3), text(u"it's"), {}, {}});
  EXPECT_EQ(source_sql(*table, key), "((\"part\" = 'it''s' AND \"no\" = '3'))");
  EXPECT_EQ(target_sql(*table, key), "((t.[part] = N'it''s' AND t.[no] = 3))");
  const RowKey null = key_of(*table, {number(3), {}, {}, {}});
  EXPECT_EQ(source_sql(*table, null), "((\"part\" IS NULL AND \"no\" = '3'))");
}

TEST(VerifyKeys, TextsThatAConstantWouldChange) {
  const auto table = keyed("text", 25);
  const auto key = [&](std::u16string units) { return key_of(*table, {text(std::move(units)), {}}); };
  // A line's end behind a backslash is no part of a T-SQL constant.
  EXPECT_EQ(target_sql(*table, key(u"\\\n")), "t.[k] IN (CONVERT(nvarchar(450), 0x5C000A00))");
  EXPECT_EQ(source_sql(*table, key(u"\\\n")), "\"k\" IN (E'\\\\\n')");
  // Half a surrogate pair, which PostgreSQL cannot hold.
  EXPECT_EQ(target_sql(*table, key(std::u16string(1, u'\xD83D'))), "t.[k] IN (CONVERT(nvarchar(450), 0x3DD8))");
  EXPECT_EQ(source_sql(*table, key(std::u16string(1, u'\0'))), "\"k\" IN (NULL)");
}

TEST(VerifyKeys, TypesWithAFormOfTheirOwn) {
  const auto day = keyed("date", 1082);
  EXPECT_EQ(target_sql(*day, key_of(*day, {number(0), {}})), "t.[k] IN (CONVERT(date, '0001-01-01', 121))");
  EXPECT_EQ(source_sql(*day, key_of(*day, {number(0), {}})), "\"k\" IN ('0001-01-01')");
  const auto moment = keyed("timestamptz", 1184);
  EXPECT_EQ(target_sql(*moment, key_of(*moment, {number(1), {}})),
            "t.[k] IN (CONVERT(datetimeoffset(6), '0001-01-01 00:00:00.000001 +00:00'))");
  EXPECT_EQ(source_sql(*moment, key_of(*moment, {number(1), {}})), "\"k\" IN ('0001-01-01 00:00:00.000001+00')");
  const auto raw = keyed("bytea", 17);
  schema::Cell bytes;
  bytes.null = false;
  bytes.bytes = {0, 255};
  EXPECT_EQ(target_sql(*raw, key_of(*raw, {bytes, {}})), "t.[k] IN (0x00FF)");
  EXPECT_EQ(source_sql(*raw, key_of(*raw, {bytes, {}})), "\"k\" IN (E'\\\\x00FF')");
}

}  // namespace
}  // namespace millrace::replication
