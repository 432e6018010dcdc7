#include "server/host_policy.hpp"

#include <gtest/gtest.h>

#include "support/error.hpp"

namespace millrace::server {
namespace {

bool reaches(const security::AddressPolicy& policy, const char* host, std::uint16_t port = 5432) {
  try {
    return !make_host_guard(policy)(host, port).empty();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kAddressRefused);
    return false;
  }
}

TEST(HostPolicy, TheLoopbackIsReachedByAServerThatListensOnlyThere) {
  const auto local = address_policy({}, "127.0.0.1", 8080);
  EXPECT_TRUE(reaches(local, "127.0.0.1"));
  EXPECT_TRUE(reaches(local, "10.1.2.3"));
  const auto open = address_policy({}, "0.0.0.0", 8080);
  EXPECT_FALSE(reaches(open, "127.0.0.1"));
  EXPECT_TRUE(reaches(open, "10.1.2.3"));
}

TEST(HostPolicy, OnlyTheNetworksThatAreNamed) {
  const auto narrow = address_policy({"10.1.0.0/16"}, "127.0.0.1", 8080);
  EXPECT_TRUE(reaches(narrow, "10.1.2.3"));
  EXPECT_FALSE(reaches(narrow, "10.2.0.1"));
  EXPECT_FALSE(reaches(narrow, "127.0.0.1"));
  EXPECT_TRUE(reaches(narrow, "8.8.8.8")) << "public addresses need no entry";
  EXPECT_THROW(address_policy({"everywhere"}, "127.0.0.1", 8080), Error);
}

TEST(HostPolicy, MetadataAndTheServerItselfAreNeverReached) {
  const auto wide = address_policy({"private", "loopback", "169.254.0.0/16"}, "127.0.0.1", 8080);
  EXPECT_FALSE(reaches(wide, "169.254.169.254", 80));
  EXPECT_FALSE(reaches(wide, "127.0.0.1", 8080));
  EXPECT_TRUE(reaches(wide, "127.0.0.1", 8081));
}

}  // namespace
}  // namespace millrace::server
