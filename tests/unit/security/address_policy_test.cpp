#include "security/address_policy.hpp"

#include <gtest/gtest.h>

#include "security/dialer.hpp"
#include "support/error.hpp"

namespace millrace::security {
namespace {

AddressVerdict verdict(const char* text, const AddressPolicy& policy = AddressPolicy::with_loopback()) {
  const auto address = IpAddress::parse(text);
  EXPECT_TRUE(address) << text;
  return judge(policy, address.value(), 5432);
}

TEST(AddressPolicy, SomeAddressesAreNeverReached) {
  for (const char* text :
       {"0.0.0.0", "0.1.2.3", "169.254.169.254", "169.254.0.1", "168.63.129.16", "100.100.100.200", "192.0.0.192",
        "224.0.0.1", "255.255.255.255", "::", "fe80::1", "ff02::1", "fd00:ec2::254", "::ffff:169.254.169.254",
        "64:ff9b::a9fe:a9fe", "64:ff9b:1::a9fe:a9fe", "2002:a9fe:a9fe::1", "::a9fe:a9fe", "2001:0:1:2::"}) {
    EXPECT_EQ(verdict(text), AddressVerdict::kForbiddenAlways) << text;
  }
}

TEST(AddressPolicy, PrivateRangesNeedThePolicy) {
  const AddressPolicy none;
  for (const char* text : {"10.1.2.3", "172.31.0.1", "192.168.1.1", "100.64.0.1", "127.0.0.1", "::1", "fd12::1",
                           "::ffff:10.0.0.1", "64:ff9b::a00:1"}) {
    EXPECT_EQ(verdict(text, none), AddressVerdict::kPrivateNotAllowed) << text;
    EXPECT_EQ(verdict(text), AddressVerdict::kAllowed) << text;
  }
  EXPECT_EQ(verdict("127.0.0.1", AddressPolicy::private_networks()), AddressVerdict::kPrivateNotAllowed);
  for (const char* text : {"8.8.8.8", "172.32.0.1", "2606:4700::1111"}) {
    EXPECT_EQ(verdict(text, none), AddressVerdict::kAllowed) << text;
  }
}

TEST(AddressPolicy, OwnListenerAndOtherPortsAreRefused) {
  auto policy = AddressPolicy::with_loopback();
  policy.own = {{*IpAddress::parse("127.0.0.1"), 8080}};
  policy.allowed_ports = {5432, 8080};
  EXPECT_EQ(judge(policy, *IpAddress::parse("::ffff:127.0.0.1"), 8080), AddressVerdict::kOwn);
  EXPECT_EQ(judge(policy, *IpAddress::parse("127.0.0.1"), 5432), AddressVerdict::kAllowed);
  EXPECT_EQ(judge(policy, *IpAddress::parse("127.0.0.1"), 22), AddressVerdict::kPort);
}

TEST(AddressPolicy, OnlyCanonicalTextIsAnAddress) {
  for (const char* text : {"127.1", "0x7f.0.0.1", "010.0.0.1", "2130706433", "1.2.3.4 ", "fe80::1%eth0", ""}) {
    EXPECT_FALSE(IpAddress::parse(text)) << text;
  }
  for (const char* text : {"10.0.0.0/33", "10.0.0.0", "fd00::/129", "10.0.0.0/-1", "x/8"}) {
    EXPECT_FALSE(Cidr::parse(text)) << text;
  }
}

TEST(Dialer, EveryAddressOfAHostMustBeAllowed) {
  const auto resolve = [](const std::string& host) -> std::vector<std::string> {
    if (host == "mixed") return {"8.8.8.8", "169.254.169.254"};
    if (host == "good") return {"8.8.8.8", "2606:4700::1111"};
    return {};
  };
  const auto code = [&](const std::string& host) {
    try {
      pin(host, 5432, {}, resolve);
    } catch (const Error& error) {
      return error.code();
    }
    return ErrorCode::kInternal;
  };
  EXPECT_EQ(code("mixed"), ErrorCode::kAddressRefused);
  EXPECT_EQ(code("nowhere"), ErrorCode::kHostUnknown);
  for (const char* host : {"", "/var/run/postgresql", "a,b", "a b", "a;b", "a/b", "a@b", "a\nb"}) {
    EXPECT_EQ(code(host), ErrorCode::kUsage) << host;
  }
  const auto pinned = pin("good", 5432, {}, resolve);
  EXPECT_EQ(pinned.curl_resolve(), "good:5432:8.8.8.8,[2606:4700::1111]");
  EXPECT_EQ(pinned.hostaddr(), "8.8.8.8");
  EXPECT_EQ(pinned.odbc_server(), "tcp:8.8.8.8,5432");
}

TEST(Dialer, TheSystemsShorthandsAreJudgedByWhatTheyMean) {
  EXPECT_THROW(pin("127.1", 5432, AddressPolicy::private_networks()), Error);
}

}  // namespace
}  // namespace millrace::security
