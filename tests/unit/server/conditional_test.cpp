#include "server/conditional.hpp"

#include <gtest/gtest.h>

namespace millrace::server {
namespace {

TEST(Conditional, ATagThatIsNotOursIsOfNoRevision) {
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

}  // namespace
}  // namespace millrace::server
