#include "server/host_policy.hpp"

#include <utility>

#include "support/error.hpp"
#include "support/loopback.hpp"

namespace millrace::server {
namespace {

using security::AddressPolicy;
using security::Cidr;
using security::IpAddress;

void allow(AddressPolicy& policy, const AddressPolicy& more) {
  policy.allowed_private.insert(policy.allowed_private.end(), more.allowed_private.begin(), more.allowed_private.end());
}

AddressPolicy loopback_alone() {
  AddressPolicy policy;
  policy.allowed_private = {*Cidr::parse("127.0.0.0/8"), *Cidr::parse("::1/128")};
  return policy;
}

}  // namespace

AddressPolicy address_policy(const std::vector<std::string>& networks, const std::string& listens_on,
                             std::uint16_t port) {
  AddressPolicy policy;
  for (const auto& network : networks) {
    if (network == "private") {
      allow(policy, AddressPolicy::private_networks());
    } else if (network == "loopback") {
      allow(policy, loopback_alone());
    } else if (const auto range = Cidr::parse(network)) {
      policy.allowed_private.push_back(*range);
    } else {
      throw Error(ErrorCode::kUsage, "\"" + network + "\" is neither private, loopback nor a range of addresses.",
                  {.field = "allow-networks"})
          .suggest("Write a range as 10.1.0.0/16 or fd00::/8.");
    }
  }
  if (networks.empty()) {
    policy = is_loopback(listens_on) ? AddressPolicy::with_loopback() : AddressPolicy::private_networks();
  }
  for (const auto& own : {listens_on, std::string("127.0.0.1"), std::string("::1")}) {
    if (const auto address = IpAddress::parse(own)) policy.own.emplace_back(*address, port);
  }
  return policy;
}

HostGuard make_host_guard(AddressPolicy policy, security::Resolver resolve) {
  return [policy = std::move(policy), resolve = std::move(resolve)](const std::string& host, std::uint16_t port) {
    return security::pin(host, port, policy, resolve).addresses;
  };
}

}  // namespace millrace::server
