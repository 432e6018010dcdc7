#include "server/api_json.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "server/serve.hpp"
#include "support/error.hpp"

namespace millrace::server {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

TEST(ApiJson, NamesAreCamelAndBigNumbersAndMomentsAreTexts) {
  const ordered_json given{{"load_state", "ready"}, {"loaded_rows", 9007199254740993}, {"last_change_ms", 1}};
  EXPECT_EQ(to_api(given).dump(),
            R"({"loadState":"ready","loadedRows":"9007199254740993","lastChangeAt":"1970-01-01T00:00:00.001Z"})");
}

TEST(ApiJson, NamesThatUsersChoseStay) {
  const json given{
      {"mapping",
       {{"tables",
         {{"public.order_items",
           {{"excludeColumns", {"a_b"}}, {"columnNames", {{"a_b", "aB"}}}, {"columnPolicies", {{"aB", "null"}}}}}}}}},
      {"kafkaConnect", {{"sinkOverrides", {{"max.retries_x", "1"}}}}}};
  const json wanted{{"mapping",
                     {{"tables",
                       {{"public.order_items",
                         {{"exclude_columns", {"a_b"}},
                          {"column_names", {{"a_b", "aB"}}},
                          {"column_policies", {{"aB", "null"}}}}}}}}},
                    {"kafka_connect", {{"sink_overrides", {{"max.retries_x", "1"}}}}}};
  EXPECT_EQ(from_api(given), wanted);
}

TEST(ApiJson, TheCommandLinesNamesAreUnknown) {
  try {
    from_api({{"source", {{"ssl_mode", "x"}}}});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.context().field, "source.ssl_mode");
  }
}

TEST(ApiJson, ADeepBodyIsRefused) {
  Request request;
  request.headers.emplace_back("content-type", "application/json");
  request.body = "{\"a\":" + std::string(40, '[') + std::string(40, ']') + "}";
  EXPECT_THROW(parse_body(request), Error);
  request.body = "{\"a\":[[1]]}";
  EXPECT_NO_THROW(parse_body(request));
}

TEST(Http, MalformedPathsAreNotDecoded) {
  std::string decoded;
  EXPECT_TRUE(percent_decode("/a%2Fb", decoded));
  EXPECT_EQ(decoded, "/a/b");
  EXPECT_FALSE(percent_decode("/%zz", decoded));
  EXPECT_FALSE(percent_decode("/%0", decoded));
  EXPECT_FALSE(percent_decode("/%00", decoded));
}

TEST(Serve, RefusesToSendPasswordsInTheClear) {
  EXPECT_THROW(check_settings({.address = "0.0.0.0"}), Error);
  EXPECT_NO_THROW(check_settings({.address = "0.0.0.0", .insecure_listen = true}));
  EXPECT_NO_THROW(check_settings({.address = "127.0.0.1"}));
  EXPECT_THROW(check_settings({.address = "127.0.0.1", .certificate_file = "a.pem"}), Error);
}

}  // namespace
}  // namespace millrace::server
