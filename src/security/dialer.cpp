#include "security/dialer.hpp"

#include <arpa/inet.h>
#include <netdb.h>

#include <algorithm>
#include <cctype>
#include <cstring>
#include <memory>

#include "support/error.hpp"

namespace millrace::security {
namespace {

constexpr std::size_t kLongestHost = 253;

bool fits_host(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '-' || c == '_' || c == ':';
}

void check_host(const std::string& host) {
  const bool fits = !host.empty() && host.size() <= kLongestHost && std::all_of(host.begin(), host.end(), fits_host);
  if (!fits) {
    throw Error(ErrorCode::kUsage, "A host is one name or one address: letters, digits, '.', '-', '_', ':'.",
                {.field = "host"});
  }
}

std::string bracketed(const std::string& address) {
  return address.find(':') == std::string::npos ? address : "[" + address + "]";
}

}  // namespace

std::string PinnedHost::curl_resolve() const {
  std::string text = bracketed(host) + ":" + std::to_string(port) + ":";
  for (std::size_t i = 0; i < addresses.size(); ++i) text += (i == 0 ? "" : ",") + bracketed(addresses[i]);
  return text;
}

std::string PinnedHost::odbc_server() const {
  return "tcp:" + addresses.front() + "," + std::to_string(port);
}

std::vector<std::string> system_resolver(const std::string& host) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* raw = nullptr;
  if (::getaddrinfo(host.c_str(), nullptr, &hints, &raw) != 0) return {};
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> list(raw, &::freeaddrinfo);
  std::vector<std::string> addresses;
  for (const addrinfo* one = list.get(); one != nullptr; one = one->ai_next) {
    IpAddress address;
    if (one->ai_family == AF_INET) {
      sockaddr_in v4{};
      std::memcpy(&v4, one->ai_addr, sizeof v4);
      address = IpAddress::v4(ntohl(v4.sin_addr.s_addr));
    } else if (one->ai_family == AF_INET6) {
      sockaddr_in6 v6{};
      std::memcpy(&v6, one->ai_addr, sizeof v6);
      std::memcpy(address.bytes.data(), &v6.sin6_addr, address.bytes.size());
    } else {
      continue;
    }
    if (auto text = address.to_string(); std::find(addresses.begin(), addresses.end(), text) == addresses.end()) {
      addresses.push_back(std::move(text));
    }
  }
  return addresses;
}

PinnedHost pin(const std::string& host, std::uint16_t port, const AddressPolicy& policy, const Resolver& resolve) {
  check_host(host);
  if (port == 0) throw Error(ErrorCode::kUsage, "A port is one of 1 to 65535.", {.field = "port"});
  PinnedHost pinned{host, port, {}};
  // Even a text that looks like an address goes through the resolver's eyes: "127.1" is 127.0.0.1 to it.
  for (const auto& text : resolve(host)) {
    const auto address = IpAddress::parse(text);
    if (!address || judge(policy, *address, port) != AddressVerdict::kAllowed) {
      throw Error(ErrorCode::kAddressRefused, "The host " + host + " may not be reached from here.", {.field = "host"});
    }
    pinned.addresses.push_back(address->to_string());
  }
  if (pinned.addresses.empty()) {
    throw Error(ErrorCode::kHostUnknown, "The host " + host + " cannot be resolved.", {.field = "host"});
  }
  return pinned;
}

}  // namespace millrace::security
