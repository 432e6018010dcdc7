#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "security/address_policy.hpp"
#include "security/dialer.hpp"
#include "support/host_guard.hpp"

namespace millrace::server {

/// A place of the server's own that nothing a user steers may reach.
struct OwnPlace {
  std::string host;  ///< a name or a numeric address
  std::uint16_t port = 0;
};

/// Where pipelines' connections may go. `networks`: "private" (10/8, 172.16/12, 192.168/16, 100.64/10, fc00::/7),
/// "loopback", or a range ("10.1.0.0/16"); public addresses need none, and metadata and link-local ones are refused
/// whatever is said. Empty: private, and the loopback too when the server itself listens only there (`listens_on`).
/// `listens_on` and `port` themselves are never reached. Throws Error kUsage.
security::AddressPolicy address_policy(const std::vector<std::string>& networks, const std::string& listens_on,
                                       std::uint16_t port);

/// Adds a place that is never reached either: all addresses that its host has now, and for one on this machine every
/// address of the machine. One that does not resolve adds nothing.
void forbid(security::AddressPolicy& policy, const OwnPlace& place,
            const security::Resolver& resolve = security::system_resolver);

/// The guard that judges by the policy (security/dialer.hpp).
HostGuard make_host_guard(security::AddressPolicy policy, security::Resolver resolve = security::system_resolver);

}  // namespace millrace::server
