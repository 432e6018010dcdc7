#include "replication/verify_hash.hpp"

#include <gtest/gtest.h>

#include "binding_fixture.hpp"
#include "golden.hpp"
#include "replication/verify_target.hpp"
#include "support/utf16.hpp"
#include "verified_cells.hpp"

namespace millrace::replication {
namespace {

schema::Cell text(const std::string& utf8) {
  schema::Cell cell;
  cell.null = false;
  cell.text = to_utf16(utf8);
  return cell;
}

// Computed with Python: hashlib.sha256 over struct.pack'ed parts, first eight bytes as ">q".
TEST(VerifyHash, GoldenVectors) {
  const auto table = orders();
  RowHasher hasher(*table);
  const auto row = hasher.hash({number(17), text("aé😀"), number(1)});
  EXPECT_EQ(row.identity, -1033981938052202554);
  EXPECT_EQ(row.content, 6450702841073825408);
  EXPECT_EQ(hasher.hash({number(17), {}, number(0)}).content, 174358925465489252);
  EXPECT_EQ(hasher.hash({number(17), text(""), number(0)}).content, 3381917855115740513);
  EXPECT_EQ(hasher.hash({number(-1), {}, {}}).identity, 1329394361296528847);
}

TEST(VerifyHash, WhereOneValueEndsIsPartOfTheHash) {
  const auto table = bind(source_table("pairs", {column(1, "a", "text", 25), column(2, "b", "text", 25)}, {}));
  RowHasher hasher(*table);
  EXPECT_NE(hasher.hash({text("ab"), text("c")}).content, hasher.hash({text("a"), text("bc")}).content);
  EXPECT_NE(hasher.hash({text("a"), {}}).content, hasher.hash({{}, text("a")}).content);
}

TEST(VerifyHash, ALongValueIsTheSameReadPieceByPiece) {
  const auto table = bind(source_table("pairs", {column(1, "a", "text", 25), column(2, "b", "text", 25)}, {}));
  RowHasher hasher(*table);
  std::string words;
  while (words.size() < 700'000) words += std::to_string(words.size()) + "é😀";
  schema::Cell pieces;
  pieces.null = false;
  pieces.long_value = schema::long_value(schema::LongValue::Form::kUtf8, {words});
  const std::vector<std::vector<schema::Cell>> rows = {{pieces, text("few")}, {text("few"), pieces}, {pieces, pieces}};
  for (const auto& row : rows) {
    auto whole = row;
    for (auto& cell : whole) {
      if (cell.long_value) cell = text(words);
    }
    EXPECT_EQ(hasher.hash(row).content, hasher.hash(whole).content);
    EXPECT_EQ(canonical(*table, 0, row[0]), canonical(*table, 0, whole[0]));
  }
}

TEST(VerifyHash, WithoutKeyTheRowIsItsIdentity) {
  const auto table = log_table();
  RowHasher hasher(*table);
  std::vector<schema::Cell> cells(5);
  const auto row = hasher.hash(cells);
  EXPECT_EQ(row.identity, row.content);
}

TEST(VerifyHash, ARowThatCannotBeCarriedEqualsNone) {
  const auto table = orders();
  RowHasher hasher(*table);
  const std::vector<schema::Cell> cells = {number(17), {}, number(0)};
  EXPECT_EQ(hasher.hash(cells, true).identity, hasher.hash(cells).identity);
  EXPECT_NE(hasher.hash(cells, true).content, hasher.hash(cells).content);
}

TEST(VerifyHash, CellsComeBackFromTheirBytes) {
  using schema::CellKind;
  const auto table = log_table();  // datetimeoffset, text, float, real, binary
  auto moment = number(63'800'000'000'123'456);
  schema::Cell real;
  real.null = false;
  real.real = -0.5;
  schema::Cell raw;
  raw.null = false;
  raw.bytes = {0, 255, 0};
  const std::vector<schema::Cell> cells = {moment, text("a😀"), real, real, raw};
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const auto bytes = canonical(*table, i, cells[i]);
    ASSERT_TRUE(bytes);
    EXPECT_EQ(canonical(*table, i, canonical_cell(table->columns()[i].kind, *bytes)), bytes) << i;
  }
  EXPECT_EQ(canonical(*table, 0, schema::Cell{}), std::nullopt);

  const auto amount = canonical_cell(CellKind::kDecimal, "-120.50");
  EXPECT_TRUE(amount.negative);
  EXPECT_TRUE(amount.magnitude == 12050);
  const auto guid = canonical_cell(CellKind::kGuid, "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11");
  EXPECT_EQ(guid.guid[0], 0xA0);
  EXPECT_EQ(guid.guid[4], 0x9C);
  EXPECT_EQ(guid.guid[15], 0x11);
}

TEST(VerifyHash, BytesThatAreNoValueAreRefused) {
  EXPECT_THROW(canonical_cell(schema::CellKind::kInt, "1234567"), Error);
  EXPECT_THROW(canonical_cell(schema::CellKind::kDecimal, "1e5"), Error);
  EXPECT_THROW(from_hex("0"), Error);
  EXPECT_THROW(from_hex("0G"), Error);
  EXPECT_EQ(from_hex("00fF"), std::string("\0\xFF", 2));
}

TEST(VerifyTarget, Statements) {
  const std::vector<std::uint32_t> buckets = {3, 1023};
  const std::vector<std::int64_t> identities = {-5, 7};
  std::string sql;
  const auto add = [&](const std::string& title, std::string text) { sql += shown(title, Sql{std::move(text), {}}); };
  add("totals", totals_sql(*lines(), 1024));
  add("rows of buckets", rows_in_sql(*lines(), buckets, 1024, true));
  add("rows by identity", rows_sql(*lines(), identity_in_sql(*lines(), identities)));
  add("whole rows", whole_rows_sql(*orders(), identity_in_sql(*orders(), identities)));
  add("totals without key", totals_sql(*log_table(), 1024));
  expect_golden("verify", sql);
}

}  // namespace
}  // namespace millrace::replication
