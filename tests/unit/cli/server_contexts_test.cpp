#include "cli/server_contexts.hpp"

#include <gmock/gmock.h>

#include <cstdlib>
#include <fstream>

#include "support/error.hpp"

namespace millrace::cli {
namespace {

using std::filesystem::path;
using std::filesystem::perms;

class ServerContextsTest : public ::testing::Test {
 protected:
  ServerContextsTest() {
    std::string name = std::string(::testing::TempDir()) + "contexts.XXXXXX";
    directory_ = ::mkdtemp(name.data());
  }
  ~ServerContextsTest() override { std::filesystem::remove_all(directory_); }

  path file() const { return directory_ / "millrace/config.yaml"; }

  void write(const std::string& text, perms rights = perms::owner_read | perms::owner_write) const {
    std::filesystem::create_directories(file().parent_path());
    std::ofstream(file()) << text;
    std::filesystem::permissions(file(), rights);
  }

  static std::string message(const std::function<void()>& act) {
    try {
      act();
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kUsage);
      return error.message();
    }
    return "";
  }

  path directory_;
};

TEST_F(ServerContextsTest, WithoutFileThisMachineIsCurrent) {
  const ServerContexts contexts(file());
  EXPECT_EQ(contexts.current(), "local");
  EXPECT_TRUE(contexts.all().empty());
}

TEST_F(ServerContextsTest, WhatIsSavedIsReadAgainAndItsOwnersAlone) {
  ServerContexts contexts(file());
  contexts.put("prod", {.server = "https://millrace.example",
                        .token = Secret("millrace_1_\"quoted\": yes"),
                        .key_id = "123",
                        .ca_file = "/etc/ca.pem",
                        .insecure_http = true});
  contexts.use("prod");
  contexts.save();
  contexts.save();

  EXPECT_EQ(std::filesystem::status(file()).permissions(), perms::owner_read | perms::owner_write);
  EXPECT_EQ(std::filesystem::status(file().parent_path()).permissions(), perms::owner_all);
  const ServerContexts again(file());
  EXPECT_EQ(again.current(), "prod");
  const auto& prod = again.find("prod");
  EXPECT_EQ(prod.server, "https://millrace.example");
  EXPECT_EQ(prod.token.reveal(), "millrace_1_\"quoted\": yes");
  EXPECT_EQ(prod.key_id, "123");
  EXPECT_EQ(prod.ca_file, "/etc/ca.pem");
  EXPECT_TRUE(prod.insecure_http);
  // Nothing else is left beside it.
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(file().parent_path()), {}), 1);
}

TEST_F(ServerContextsTest, TheCurrentOneThatIsRemovedLeavesThisMachine) {
  ServerContexts contexts(file());
  contexts.put("a", {.server = "https://a"});
  contexts.put("b", {.server = "https://b"});
  contexts.use("a");
  contexts.remove("b");
  EXPECT_EQ(contexts.current(), "a");
  contexts.remove("a");
  EXPECT_EQ(contexts.current(), "local");
  EXPECT_EQ(message([&] { contexts.remove("a"); }), "There is no context a.");
}

TEST_F(ServerContextsTest, NamesAreChecked) {
  ServerContexts contexts(file());
  for (const char* name : {"", "local", "a b", "a/b", "ä"}) {
    EXPECT_THAT(message([&] { contexts.put(name, {}); }), ::testing::HasSubstr("A context's name")) << name;
  }
  EXPECT_EQ(message([&] { contexts.use("gone"); }), "There is no context gone.");
}

TEST_F(ServerContextsTest, AFileThatOthersMayReadIsRefused) {
  write("current: local\n", perms::owner_read | perms::owner_write | perms::group_read);
  EXPECT_THAT(message([&] { const ServerContexts contexts(file()); }),
              ::testing::HasSubstr("has API keys, and others"));
}

TEST_F(ServerContextsTest, FaultsOfTheFileAreNamed) {
  write("contexts: [\n");
  EXPECT_THAT(message([&] { const ServerContexts contexts(file()); }), ::testing::HasSubstr("config.yaml:2:1: "));
  write("contexts: {a: 1}\n");
  EXPECT_THAT(message([&] { const ServerContexts contexts(file()); }), ::testing::HasSubstr("a is no mapping"));
  write("contexts: {a: {server: [x]}}\n");
  EXPECT_THAT(message([&] { const ServerContexts contexts(file()); }), ::testing::HasSubstr("server is no text"));
}

}  // namespace
}  // namespace millrace::cli
