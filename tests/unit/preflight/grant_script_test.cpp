#include "preflight/grant_script.hpp"

#include <gmock/gmock.h>

namespace millrace::preflight {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

GrantInput two_tables() {
  return {.user = "repl",
          .database = "shop",
          .publication = {.name = "p_pub", .tables = {{"public", "orders"}, {"public", "Items"}}}};
}

TEST(GrantScript, GivesWhatIsNeededAndNoMore) {
  const auto sql = grant_script(two_tables());
  EXPECT_THAT(sql, HasSubstr("ALTER ROLE \"repl\" WITH LOGIN REPLICATION;"));
  EXPECT_THAT(sql, HasSubstr("GRANT CONNECT ON DATABASE \"shop\" TO \"repl\";"));
  EXPECT_THAT(sql, HasSubstr("GRANT SELECT ON \"public\".\"Items\" TO \"repl\";"));
  EXPECT_THAT(sql, HasSubstr("CREATE PUBLICATION \"p_pub\" FOR TABLE \"public\".\"orders\", \"public\".\"Items\""));
  EXPECT_THAT(sql, Not(HasSubstr("SUPERUSER")));
  EXPECT_THAT(sql, Not(HasSubstr("PASSWORD")));
}

TEST(GrantScript, NamesASchemaOnce) {
  const auto sql = grant_script(two_tables());
  const auto first = sql.find("GRANT USAGE ON SCHEMA \"public\"");
  ASSERT_NE(first, std::string::npos);
  EXPECT_EQ(sql.find("GRANT USAGE", first + 1), std::string::npos);
}

TEST(GrantScript, NamesCannotBreakOut) {
  auto input = two_tables();
  input.user = "a\"b'c";
  input.database = "shop\nDROP TABLE orders; --";
  const auto sql = grant_script(input);
  EXPECT_THAT(sql, HasSubstr("CREATE ROLE \"a\"\"b'c\""));
  EXPECT_THAT(sql, HasSubstr("rolname = 'a\"b''c'"));
  EXPECT_EQ(sql.find("\nDROP TABLE"), sql.rfind("\nDROP TABLE")) << "outside of the quoted name:\n" << sql;
}

// Inside DO $$ .. $$ a name with $$ would end the block.
TEST(GrantScript, DollarsInANameDoNotEndTheBlock) {
  auto input = two_tables();
  input.user = "a$$b";
  EXPECT_THAT(grant_script(input), Not(HasSubstr("DO $$")));
}

}  // namespace
}  // namespace millrace::preflight
