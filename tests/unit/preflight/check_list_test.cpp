#include "preflight/check_list.hpp"

#include <gmock/gmock.h>

namespace millrace::preflight {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

CheckList list(bool foreign_words = false) {
  return {{{"x.first", "First"}, {"x.second", "Second"}}, foreign_words};
}

TEST(CheckList, KeepsTheOrderOfWhatIsExpected) {
  auto checks = list();
  checks.take({{"x.other_thing", Severity::kWarning, "t", "odd", "mend it"}});
  checks.pass("x.second", "good");
  const auto done = checks.finish(true);
  ASSERT_EQ(done.size(), 3U);
  EXPECT_EQ(done[0].id, "x.first");
  EXPECT_EQ(done[0].status, CheckStatus::kPass);
  EXPECT_EQ(done[1].title, "Second");
  EXPECT_EQ(done[2].title, "Other thing");
  EXPECT_EQ(done[2].status, CheckStatus::kWarn);
  EXPECT_EQ(done[2].object, "t");
}

TEST(CheckList, WhatNobodyLookedAtIsSkipped) {
  auto checks = list();
  checks.fail("x.first", "no", "do this");
  const auto done = checks.finish(false);
  EXPECT_EQ(done[0].status, CheckStatus::kFail);
  EXPECT_EQ(done[1].status, CheckStatus::kSkipped);
}

TEST(CheckList, RepeatsForeignWordsOnlyWhereItMay) {
  const Error error = Error(ErrorCode::kSourceAuth, "Cannot open it.").because("FATAL: secret network");
  auto quiet = list();
  quiet.fail("x.first", "no entry", error);
  EXPECT_THAT(quiet.finish(false)[0].message, Not(HasSubstr("network")));
  auto open = list(true);
  open.fail("x.first", "no entry", error);
  EXPECT_THAT(open.finish(false)[0].message, HasSubstr("secret network"));
}

TEST(IsSql, IsWhatAClientTakesAsItIs) {
  EXPECT_TRUE(is_sql("GRANT USAGE ON SCHEMA \"a\" TO \"u\";\nGRANT SELECT ON \"a\".\"t\" TO \"u\";"));
  EXPECT_TRUE(is_sql("-- as owner\nALTER TABLE t REPLICA IDENTITY FULL;"));
  EXPECT_FALSE(is_sql("ALTER SYSTEM SET wal_level = 'logical';\nthen restart PostgreSQL"));
  EXPECT_FALSE(is_sql("ALTER TABLE .. NOCHECK CONSTRAINT ..;"));
  EXPECT_FALSE(is_sql("CREATE SCHEMA [a]; or GRANT CREATE SCHEMA TO [u];"));
  EXPECT_FALSE(is_sql("Check the database name."));
  EXPECT_FALSE(is_sql(""));
}

}  // namespace
}  // namespace millrace::preflight
