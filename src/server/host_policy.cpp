#include "server/host_policy.hpp"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <memory>
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

/// Of every interface of this machine.
std::vector<IpAddress> own_addresses() {
  std::vector<IpAddress> all{*IpAddress::parse("127.0.0.1"), *IpAddress::parse("::1")};
  ifaddrs* first = nullptr;
  if (getifaddrs(&first) != 0) return all;
  const std::unique_ptr<ifaddrs, decltype(&freeifaddrs)> list(first, freeifaddrs);
  for (const auto* one = first; one != nullptr; one = one->ifa_next) {
    if (one->ifa_addr == nullptr) continue;
    std::array<char, INET6_ADDRSTRLEN> text{};
    const auto family = one->ifa_addr->sa_family;
    if (family == AF_INET) {
      inet_ntop(family, &reinterpret_cast<const sockaddr_in*>(one->ifa_addr)->sin_addr, text.data(), text.size());
    } else if (family == AF_INET6) {
      inet_ntop(family, &reinterpret_cast<const sockaddr_in6*>(one->ifa_addr)->sin6_addr, text.data(), text.size());
    }
    if (const auto address = IpAddress::parse(text.data())) all.push_back(*address);
  }
  return all;
}

std::vector<IpAddress> addresses_of(const std::string& host, const security::Resolver& resolve) {
  if (const auto numeric = IpAddress::parse(host)) return {*numeric};
  std::vector<IpAddress> all;
  try {
    for (const auto& text : resolve(host)) {
      if (const auto address = IpAddress::parse(text)) all.push_back(*address);
    }
  } catch (const Error&) {
    // No host of a network: a socket's folder, or a name that nobody can reach either.
  }
  return all;
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

void forbid(AddressPolicy& policy, const OwnPlace& place, const security::Resolver& resolve) {
  const auto here = own_addresses();
  const auto is_here = [&](const IpAddress& address) {
    return is_loopback(address.to_string()) || std::find(here.begin(), here.end(), address) != here.end();
  };
  auto found = addresses_of(place.host, resolve);
  if (std::any_of(found.begin(), found.end(), is_here)) found.insert(found.end(), here.begin(), here.end());
  for (const auto& address : found) policy.own.emplace_back(address, place.port);
}

HostGuard make_host_guard(AddressPolicy policy, security::Resolver resolve) {
  return [policy = std::move(policy), resolve = std::move(resolve)](const std::string& host, std::uint16_t port) {
    return security::pin(host, port, policy, resolve).addresses;
  };
}

}  // namespace millrace::server
