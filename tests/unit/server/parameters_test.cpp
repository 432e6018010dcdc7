#include "server/parameters.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "support/error.hpp"

namespace millrace::server {
namespace {

TEST(Parameters, ATagThatIsNotOursIsOfNoRevision) {
  const auto of = [](const std::string& tag) {
    Request request;
    request.headers.emplace_back("if-match", tag);
    return if_match(request);
  };
  EXPECT_EQ(if_match(Request{}), std::nullopt);
  EXPECT_EQ(of("*"), std::nullopt);
  EXPECT_EQ(of(etag(7)), 7);
  for (const auto* tag : {"7", "\"x\"", "W/\"7\"", "\"\"", "\"7", "\"7\", \"8\""}) EXPECT_EQ(of(tag), -1) << tag;
}

TEST(Parameters, MembersHaveTheirKinds) {
  const nlohmann::json body{{"text", "a"}, {"flag", true}, {"list", {"a", "b"}}, {"number", 1}};
  EXPECT_EQ(text_member(body, "text"), "a");
  EXPECT_EQ(optional_text_member(body, "none"), std::nullopt);
  EXPECT_EQ(optional_flag_member(body, "flag"), true);
  EXPECT_EQ(texts_member(body, "list").size(), 2U);
  try {
    optional_flag_member(body, "number");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.context().field, "number");
  }
  EXPECT_THROW(text_member(body, "none"), Error);
  EXPECT_THROW(text_member(body, "number"), Error);
  EXPECT_THROW(texts_member(body, "text"), Error);
  EXPECT_THROW(text_member({{"text", std::string("a\0b", 3)}}, "text"), Error);
}

}  // namespace
}  // namespace millrace::server
