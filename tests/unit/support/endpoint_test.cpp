#include "support/endpoint.hpp"

#include <gmock/gmock.h>

#include "support/error.hpp"

namespace millrace {
namespace {

TEST(SourceUrl, IsTakenApartAndDecoded) {
  const auto source = parse_source_url("postgres://us%40er:p%3Aw%2F@[::1]:5433/my%20db?schema=s&sslmode=require");
  EXPECT_EQ(source.user, "us@er");
  EXPECT_EQ(source.password.reveal(), "p:w/");
  EXPECT_EQ(source.host, "::1");
  EXPECT_EQ(source.port, 5433);
  EXPECT_EQ(source.database, "my db");
  EXPECT_EQ(source.schema, "s");
  EXPECT_EQ(source.sslmode, "require");
  EXPECT_EQ(display_url(source), "postgres://us%40er@[::1]:5433/my%20db");
}

TEST(TargetUrl, HasItsOptionsAndDefaults) {
  const auto target = parse_target_url("sqlserver://u@h/d?encrypt=no&trustServerCertificate=true");
  EXPECT_EQ(target.port, 1433);
  EXPECT_EQ(target.schema, "dbo");
  EXPECT_EQ(target.encrypt, "no");
  EXPECT_TRUE(target.trust_server_certificate);
}

TEST(Urls, AreRefusedWithoutTheirPassword) {
  for (const char* url : {"postgres://u:hunter2@h", "mysql://u:hunter2@h/d", "postgres://u:hunter2@h/d?ssl=1",
                          "postgres://u:hunter2@h:99999/d", "postgres://u:hunter2@h/d?sslmode=hunter2"}) {
    try {
      parse_source_url(url);
      ADD_FAILURE() << url;
    } catch (const Error& error) {
      EXPECT_EQ(error.context().field, "source");
      EXPECT_THAT(error.message() + error.suggestion(), ::testing::Not(::testing::HasSubstr("hunter2"))) << url;
    }
  }
}

TEST(SameSession, IsOneOfTheSameUserAtTheSamePlaceInTheSameWay) {
  const std::string url = "postgres://u:p@h:5432/d?sslmode=require";
  EXPECT_TRUE(same_session(parse_source_url(url), parse_source_url(url)));
  auto guarded = parse_source_url(url);
  guarded.guard = [](const std::string&, std::uint16_t) { return std::vector<std::string>(); };
  EXPECT_TRUE(same_session(parse_source_url(url), guarded));
  for (const char* other : {"postgres://u:p@i:5432/d?sslmode=require", "postgres://u:p@h:5433/d?sslmode=require",
                            "postgres://u:p@h:5432/e?sslmode=require", "postgres://v:p@h:5432/d?sslmode=require",
                            "postgres://u:q@h:5432/d?sslmode=require", "postgres://u:p@h:5432/d?sslmode=disable",
                            "postgres://u:p@h:5432/d?sslmode=require&sslrootcert=/ca.pem"}) {
    EXPECT_FALSE(same_session(parse_source_url(url), parse_source_url(other))) << other;
  }
}

TEST(SameSession, OfATargetTheSame) {
  const std::string url = "sqlserver://u:p@h:1433/d";
  EXPECT_TRUE(same_session(parse_target_url(url), parse_target_url(url)));
  for (const char* other :
       {"sqlserver://u:p@i:1433/d", "sqlserver://u:p@h:1434/d", "sqlserver://u:p@h:1433/e", "sqlserver://v:p@h:1433/d",
        "sqlserver://u:q@h:1433/d", "sqlserver://u:p@h:1433/d?encrypt=strict",
        "sqlserver://u:p@h:1433/d?trustServerCertificate=true"}) {
    EXPECT_FALSE(same_session(parse_target_url(url), parse_target_url(other))) << other;
  }
}

}  // namespace
}  // namespace millrace
