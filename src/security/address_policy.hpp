#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::security {

/// An IPv4 or IPv6 address. IPv4 is kept mapped (::ffff:a.b.c.d) in 16 bytes.
struct IpAddress {
  std::array<std::uint8_t, 16> bytes{};

  /// Only whole, canonical text: "127.1", "0x7f.1" and "010.0.0.1" are none (resolvers disagree about them).
  static std::optional<IpAddress> parse(std::string_view text);
  static IpAddress v4(std::uint32_t value);
  bool is_v4() const;
  std::string to_string() const;
  friend auto operator<=>(const IpAddress&, const IpAddress&) = default;
};

/// The IPv4 address inside IPv4-mapped, NAT64 (64:ff9b::/96, 64:ff9b:1::/48), 6to4 and IPv4-compatible addresses;
/// others come back as they are.
IpAddress unwrapped(const IpAddress& address);

/// A range, "10.0.0.0/8" or "fd00::/8".
struct Cidr {
  IpAddress base;
  int prefix = 0;  ///< bits of the 128
  static std::optional<Cidr> parse(std::string_view text);
  bool contains(const IpAddress& address) const;
};

/// Where a connection that a user steers may go.
struct AddressPolicy {
  /// Which private ranges (RFC 1918, fc00::/7, 100.64/10, loopback) may be reached. Empty: none. Public addresses
  /// need no entry.
  std::vector<Cidr> allowed_private = {};
  /// Host:port pairs that are never reached: the control plane's own listener and its metadata store.
  std::vector<std::pair<IpAddress, std::uint16_t>> own = {};
  std::vector<std::uint16_t> allowed_ports = {};  ///< empty: every port

  /// On-premises default: private ranges yes, loopback no.
  static AddressPolicy private_networks();
  /// For one machine (demo, tests, the local command line): loopback too.
  static AddressPolicy with_loopback();
};

enum class AddressVerdict { kAllowed, kForbiddenAlways, kPrivateNotAllowed, kOwn, kPort };

/// Judges one address after unwrapping. Never allowed, whatever the policy: unspecified 0.0.0.0/8 and ::, link-local
/// 169.254/16 and fe80::/10 (cloud metadata lives there), 168.63.129.16, 100.100.100.200, 192.0.0.192,
/// fd00:ec2::254, multicast, broadcast, reserved 240/4, documentation and benchmark ranges.
AddressVerdict judge(const AddressPolicy& policy, const IpAddress& address, std::uint16_t port);

}  // namespace millrace::security
