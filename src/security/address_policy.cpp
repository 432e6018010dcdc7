#include "security/address_policy.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

namespace millrace::security {
namespace {

constexpr int kBits = 128;
constexpr int kV4Offset = 96;

Cidr range(std::string_view text) {
  return Cidr::parse(text).value();
}

/// Never reached, whatever a policy says.
const std::vector<Cidr>& forbidden_ranges() {
  static const std::vector<Cidr> kRanges = {
      range("0.0.0.0/8"),           // "this host": connects to the local machine on Linux
      range("169.254.0.0/16"),      // link-local; cloud metadata at 169.254.169.254 and 169.254.170.2
      range("168.63.129.16/32"),    // Azure's platform address
      range("100.100.100.200/32"),  // Alibaba's metadata
      range("192.0.0.192/32"),      // Oracle's metadata
      range("192.0.0.0/29"),        // RFC 7335: service continuity
      range("192.0.2.0/24"),        // documentation, RFC 5737
      range("198.51.100.0/24"),
      range("203.0.113.0/24"),
      range("198.18.0.0/15"),      // benchmarks, RFC 2544
      range("224.0.0.0/4"),        // multicast
      range("240.0.0.0/4"),        // reserved, and the broadcast address
      range("::/128"),             // unspecified
      range("fe80::/10"),          // link-local
      range("fec0::/10"),          // site-local, deprecated by RFC 3879
      range("ff00::/8"),           // multicast
      range("fd00:ec2::254/128"),  // Amazon's metadata by IPv6
      range("fd20:ce::254/128"),   // Google's
      range("100::/64"),           // discard, RFC 6666
      range("2001:db8::/32"),      // documentation, RFC 3849
      range("2001::/32"),          // Teredo: another address inside, hidden
  };
  return kRanges;
}

/// Reached only when the policy allows their range.
const std::vector<Cidr>& private_ranges() {
  static const std::vector<Cidr> kRanges = {range("10.0.0.0/8"),    range("172.16.0.0/12"), range("192.168.0.0/16"),
                                            range("100.64.0.0/10"),  // carrier-grade NAT, RFC 6598
                                            range("127.0.0.0/8"),   range("::1/128"),       range("fc00::/7")};
  return kRanges;
}

bool any_contains(const std::vector<Cidr>& ranges, const IpAddress& address) {
  return std::any_of(ranges.begin(), ranges.end(), [&](const Cidr& one) { return one.contains(address); });
}

bool has_prefix(const IpAddress& address, std::initializer_list<std::uint8_t> prefix) {
  return std::equal(prefix.begin(), prefix.end(), address.bytes.begin());
}

IpAddress v4_at(const IpAddress& address, std::size_t offset) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = (value << 8U) | address.bytes.at(offset + i);
  return IpAddress::v4(value);
}

}  // namespace

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  const std::string whole(text);
  IpAddress address;
  std::array<std::uint8_t, 4> v4_bytes{};
  // inet_pton takes neither shortened nor octal nor hexadecimal IPv4, nor a zone ("%eth0").
  if (whole.size() == text.size() && ::inet_pton(AF_INET6, whole.c_str(), address.bytes.data()) == 1) return address;
  if (::inet_pton(AF_INET, whole.c_str(), v4_bytes.data()) == 1) {
    address = {};
    address.bytes[10] = address.bytes[11] = 0xFF;
    std::copy(v4_bytes.begin(), v4_bytes.end(), address.bytes.begin() + 12);
    return address;
  }
  return std::nullopt;
}

IpAddress IpAddress::v4(std::uint32_t value) {
  IpAddress address;
  address.bytes[10] = address.bytes[11] = 0xFF;
  for (std::size_t i = 0; i < 4; ++i) address.bytes.at(12 + i) = static_cast<std::uint8_t>(value >> (24 - 8 * i));
  return address;
}

bool IpAddress::is_v4() const {
  return has_prefix(*this, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF});
}

std::string IpAddress::to_string() const {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (is_v4()) return ::inet_ntop(AF_INET, bytes.data() + 12, text.data(), text.size());
  return ::inet_ntop(AF_INET6, bytes.data(), text.data(), text.size());
}

IpAddress unwrapped(const IpAddress& address) {
  if (address.is_v4()) return address;
  if (has_prefix(address, {0, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0})) return v4_at(address, 12);  // RFC 6052
  if (has_prefix(address, {0, 0x64, 0xFF, 0x9B, 0, 1})) return v4_at(address, 12);                    // RFC 8215
  if (has_prefix(address, {0x20, 0x02})) return v4_at(address, 2);                                    // 6to4, RFC 3056
  // IPv4-compatible ::a.b.c.d (RFC 4291, deprecated), but :: and ::1 are themselves.
  if (has_prefix(address, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0})) {
    const bool own =
        address.bytes[12] == 0 && address.bytes[13] == 0 && address.bytes[14] == 0 && address.bytes[15] <= 1;
    if (!own) return v4_at(address, 12);
  }
  return address;
}

std::optional<Cidr> Cidr::parse(std::string_view text) {
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto base = IpAddress::parse(text.substr(0, slash));
  if (!base) return std::nullopt;
  const auto digits = text.substr(slash + 1);
  int bits = 0;
  const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
  if (failure != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  // Whether it was written as IPv4 decides how its bits count.
  const bool v4_text = text.substr(0, slash).find(':') == std::string_view::npos;
  if (bits < 0 || bits > (v4_text ? 32 : kBits)) return std::nullopt;
  return Cidr{*base, v4_text ? bits + kV4Offset : bits};
}

bool Cidr::contains(const IpAddress& address) const {
  for (int bit = 0; bit < prefix; bit += 8) {
    const auto index = static_cast<std::size_t>(bit / 8);
    const int left = std::min(8, prefix - bit);
    const auto mask = static_cast<std::uint8_t>(0xFFU << static_cast<unsigned>(8 - left));
    if ((base.bytes.at(index) & mask) != (address.bytes.at(index) & mask)) return false;
  }
  return true;
}

AddressPolicy AddressPolicy::private_networks() {
  AddressPolicy policy;
  for (const auto* text : {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"}) {
    policy.allowed_private.push_back(range(text));
  }
  return policy;
}

AddressPolicy AddressPolicy::with_loopback() {
  AddressPolicy policy = private_networks();
  policy.allowed_private.push_back(range("127.0.0.0/8"));
  policy.allowed_private.push_back(range("::1/128"));
  return policy;
}

namespace {

/// Whoever listens on every address of the machine is reached by any of the loopback's.
bool same_place(const IpAddress& own, const IpAddress& asked) {
  const auto loopback = [](const IpAddress& address) {
    return range("127.0.0.0/8").contains(address) || range("::1/128").contains(address);
  };
  return own == asked || (loopback(own) && loopback(asked));
}

}  // namespace

AddressVerdict judge(const AddressPolicy& policy, const IpAddress& address, std::uint16_t port) {
  const IpAddress inner = unwrapped(address);
  // The outer form too: a forbidden range stays forbidden however it is read.
  for (const auto& form : {address, inner}) {
    if (any_contains(forbidden_ranges(), form)) return AddressVerdict::kForbiddenAlways;
  }
  for (const auto& [own_address, own_port] : policy.own) {
    if (own_port == port && same_place(unwrapped(own_address), inner)) return AddressVerdict::kOwn;
  }
  if (!policy.allowed_ports.empty() &&
      std::find(policy.allowed_ports.begin(), policy.allowed_ports.end(), port) == policy.allowed_ports.end()) {
    return AddressVerdict::kPort;
  }
  if (any_contains(private_ranges(), inner) && !any_contains(policy.allowed_private, inner)) {
    return AddressVerdict::kPrivateNotAllowed;
  }
  return AddressVerdict::kAllowed;
}

}  // namespace millrace::security
