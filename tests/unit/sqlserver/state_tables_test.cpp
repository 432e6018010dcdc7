#include "sqlserver/state_tables.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace millrace::sqlserver {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::int64_t marks(const StateStatement& statement) {
  return std::count(statement.sql.begin(), statement.sql.end(), '?');
}

TEST(StateTables, AdvanceIsFenced) {
  const auto statement = advance_checkpoint("shop", 7, Lsn(0x16B374D848), 0, 12);
  EXPECT_EQ(statement.sql,
            "UPDATE [millrace].[checkpoint] SET lsn = CONVERT(bigint, ?), batches = batches + 1, "
            "changes = changes + CONVERT(bigint, ?), updated_at = SYSUTCDATETIME() "
            "WHERE pipeline = ? AND fence = CONVERT(bigint, ?);");
  EXPECT_THAT(statement.parameters, ElementsAre("97500059720", "12", "shop", "7"));
}

TEST(StateTables, AdvanceTellsTheCommitTime) {
  const auto statement = advance_checkpoint("shop", 7, Lsn(1), 814'320'000'123'456, 0);
  EXPECT_THAT(statement.sql, HasSubstr("commit_time = DATEADD(microsecond"));
  EXPECT_THAT(statement.parameters, ElementsAre("1", "123456", "814320000", "0", "shop", "7"));
  EXPECT_EQ(marks(statement), 6);
}

TEST(StateTables, AnLsnKeepsItsBits) {
  EXPECT_EQ(advance_checkpoint("p", 1, Lsn(UINT64_MAX), 0, 0).parameters.at(0), "-1");
  EXPECT_EQ(advance_checkpoint("p", 1, Lsn(std::uint64_t{1} << 63), 0, 0).parameters.at(0), "-9223372036854775808");
}

TEST(StateTables, ATableStateIsFencedAndHoldsTheCheckpointsRow) {
  const auto statement = change_table_state_statement(
      "shop", 3, {.source = {"public", "a'b"}, .target = {"dbo", "t"}, .state = "ready", .loaded_rows = 5});
  EXPECT_THAT(statement.sql, HasSubstr("[checkpoint] WITH (UPDLOCK) WHERE pipeline = ? AND fence ="));
  EXPECT_THAT(statement.sql, HasSubstr("THROW 51012"));
  EXPECT_THAT(statement.sql, HasSubstr("IF @@ROWCOUNT = 0 THROW 51014"));
  EXPECT_THAT(statement.sql, Not(HasSubstr("a'b")));
  EXPECT_EQ(marks(statement), static_cast<std::int64_t>(statement.parameters.size()));
}

}  // namespace
}  // namespace millrace::sqlserver
