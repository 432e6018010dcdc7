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

}  // namespace
}  // namespace millrace
