#include "server/body_fields.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "support/error.hpp"

namespace millrace::server {
namespace {

TEST(BodyFields, HaveTheirKinds) {
  const nlohmann::json body{{"text", "a"}, {"flag", true},    {"list", {"a", "b"}},
                            {"number", 1}, {"none", nullptr}, {"empty", ""}};
  EXPECT_EQ(needed_text_field(body, "text"), "a");
  EXPECT_THROW(text_field(body, "none"), Error);
  EXPECT_EQ(text_field(body, "missing"), std::nullopt);
  EXPECT_EQ(text_field(body, "empty"), "");
  EXPECT_EQ(flag_field(body, "flag"), true);
  EXPECT_EQ(flag_field(body, "missing"), std::nullopt);
  EXPECT_EQ(texts_field(body, "list").size(), 2U);
  try {
    flag_field(body, "number");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.context().field, "number");
  }
  EXPECT_THROW(needed_text_field(body, "none"), Error);
  EXPECT_THROW(needed_text_field(body, "empty"), Error);
  EXPECT_THROW(needed_text_field(body, "number"), Error);
  EXPECT_THROW(texts_field(body, "text"), Error);
  EXPECT_THROW(text_field({{"text", std::string("a\0b", 3)}}, "text"), Error);
}

}  // namespace
}  // namespace millrace::server
