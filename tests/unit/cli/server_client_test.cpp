#include "cli/server_client.hpp"

#include <gmock/gmock.h>

#include "support/error.hpp"

namespace millrace::cli {
namespace {

std::string refusal(const std::string& url) {
  try {
    server_url(url);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUsage);
    return error.message();
  }
  return "";
}

TEST(ServerUrl, EndsWithoutSlash) {
  EXPECT_EQ(server_url("https://millrace.example:8443/"), "https://millrace.example:8443");
  EXPECT_EQ(server_url("http://127.0.0.1:8080"), "http://127.0.0.1:8080");
  EXPECT_EQ(server_url("https://example.com/millrace//"), "https://example.com/millrace");
}

TEST(ServerUrl, IsHttpAndHoldsNoPasswordThatTheMessageWouldRepeat) {
  for (const char* url : {"", "millrace.example", "ftp://x", "https://", "https://x?y=1", "https://x#y"}) {
    EXPECT_THAT(refusal(url), ::testing::StartsWith("A server is named by a URL")) << url;
  }
  EXPECT_EQ(refusal("https://admin:secret@x"), "A server's URL holds no user and no password.");
}

TEST(ServerClient, SendsNoKeyInTheClear) {
  const auto code = [](const ServerContext& context) {
    try {
      const ServerClient client(context);
    } catch (const Error& error) {
      return error.message();
    }
    return std::string();
  };
  EXPECT_EQ(code({.server = "http://millrace.example"}),
            "http:// would send the key of http://millrace.example in the clear.");
  EXPECT_EQ(code({.server = "http://127.0.0.1.example.com"}),
            "http:// would send the key of http://127.0.0.1.example.com in the clear.");
  EXPECT_EQ(code({.server = "http://millrace.example", .insecure_http = true}), "");
  for (const char* url : {"http://localhost:1", "http://127.0.0.1:1", "http://[::1]:1", "https://millrace.example"}) {
    EXPECT_EQ(code({.server = url}), "") << url;
  }
}

TEST(ServerClient, NamesTheServerThatDoesNotAnswer) {
  ServerClient client({.server = "http://127.0.0.1:1"});
  try {
    client.get("/pipelines", {});
    FAIL() << "nobody listens there";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kServerUnreachable);
    EXPECT_EQ(error.message(), "No answer from the server http://127.0.0.1:1.");
    EXPECT_FALSE(error.cause().empty());
  }
}

TEST(UrlPart, KeepsNothingThatHasAMeaning) {
  EXPECT_EQ(url_part("public.orders"), "public.orders");
  EXPECT_EQ(url_part("a/b?c&d=ä"), "a%2Fb%3Fc%26d%3D%C3%A4");
}

}  // namespace
}  // namespace millrace::cli
