#include "replication/poison.hpp"

#include <gtest/gtest.h>

#include "binding_fixture.hpp"
#include "tuples.hpp"

namespace millrace::replication {
namespace {

sqlserver::QueryError refusal(int number, ErrorCode code = ErrorCode::kTargetQuery) {
  return sqlserver::QueryError(code, "refused", number);
}

TEST(Poison, WhatOneRowCanBeTheReasonOf) {
  EXPECT_TRUE(row_refused(refusal(2627, ErrorCode::kTargetConstraint)));
  for (const int number : {220, 245, 8115, 1946, 50000, 50001, 60000})
    EXPECT_TRUE(row_refused(refusal(number))) << number;
  // Objects that are missing, syntax, and the engine's own THROWs are nobody's values.
  for (const int number : {0, 102, 207, 208, 51010, 51011, 51012}) EXPECT_FALSE(row_refused(refusal(number))) << number;
  EXPECT_FALSE(row_refused(refusal(1205, ErrorCode::kTargetBusy)));
}

TEST(Poison, TheColumnIsReadFromTheMessage) {
  const auto table = orders();
  EXPECT_EQ(blamed_column(*table, "Cannot insert the value NULL into column 'note', table 'db.dbo.orders'"), "note");
  EXPECT_EQ(blamed_column(*table, "conflict occurred in database \"d\", table \"t\", column 'other'."), "other");
  EXPECT_EQ(blamed_column(*table, "Violation of PRIMARY KEY constraint 'pk'"), "");
  EXPECT_EQ(blamed_column(*table, "column 'cut off"), "cut off");
}

TEST(Poison, ARowIsShownAsFarAsItCanBe) {
  const auto table = orders();
  EXPECT_EQ(row_json(*table, tuple("7,a\"b,-")), R"({"id":"7","note":"a\"b","paid":null})");
  EXPECT_EQ(row_json(*table, tuple("7,~,t")), R"({"id":"7","paid":"1"})") << "what was not sent is left out";
  EXPECT_EQ(row_json(*table, tuple("x,a,t")), R"({"id":"x","note":"a","paid":"1"})") << "no number: as it came";
  pgoutput::Tuple binary = tuple("1,a,t");
  binary[0] = {pgoutput::FieldKind::kBinary, std::string_view("\x00\xAB", 2)};
  EXPECT_EQ(row_json(*table, binary), R"({"id":"0x00AB","note":"a","paid":"1"})");
}

TEST(Poison, KeysInKeyOrder) {
  EXPECT_EQ(key_text_of(*lines(), tuple("1,left,body,2.5")), "part=left, no=1");
}

TEST(Poison, TheErrorNamesTheRow) {
  const PoisonRow row{.source = {"public", "orders"},
                      .target = {"dbo", "orders"},
                      .op = "insert",
                      .lsn = Lsn(0x1000000AB),
                      .key_text = "id=7",
                      .reason = "too long"};
  const auto error = poison_error(row, refusal(2628, ErrorCode::kTargetConstraint), "note");
  EXPECT_EQ(error.code(), ErrorCode::kTargetConstraint);
  EXPECT_EQ(error.message(), "public.orders: row id=7 (insert, LSN 1/AB) cannot be written to dbo.orders: too long");
  EXPECT_EQ(error.context().table, "public.orders");
  EXPECT_EQ(error.context().column, "note");
  EXPECT_EQ(error.context().lsn, "1/AB");
}

}  // namespace
}  // namespace millrace::replication
