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

TEST(HostPolicy, TheStoresServerIsNeverReachedByNoneOfItsAddresses) {
  auto policy = address_policy({}, "127.0.0.1", 8080);
  const auto names = [](const std::string& host) -> std::vector<std::string> {
    if (host == "store.example") return {"10.0.0.9", "fd00::9"};
    if (host == "here.example") return {"127.0.0.1"};
    throw Error(ErrorCode::kHostUnknown, "no such host");
  };
  EXPECT_TRUE(reaches(policy, "10.0.0.9", 5433));
  forbid(policy, {"store.example", 5433}, names);
  EXPECT_FALSE(reaches(policy, "10.0.0.9", 5433));
  EXPECT_FALSE(reaches(policy, "fd00::9", 5433));
  EXPECT_TRUE(reaches(policy, "10.0.0.9", 5432)) << "another server on that host";
  forbid(policy, {"here.example", 5434}, names);
  for (const char* alias : {"127.0.0.1", "127.0.0.2", "::1"}) EXPECT_FALSE(reaches(policy, alias, 5434)) << alias;
  EXPECT_TRUE(reaches(policy, "127.0.0.1", 5435));
  const auto known = policy.own.size();
  forbid(policy, {"/var/run/postgresql", 5432}, names);
  EXPECT_EQ(policy.own.size(), known) << "a socket is nothing that a host's name reaches";
}

}  // namespace
}  // namespace millrace::server
