#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "security/address_policy.hpp"

namespace millrace::security {

/// A host that was resolved once and whose every address was judged. Connect to one of `addresses` and to nothing
/// else: a second look-up could give another answer.
struct PinnedHost {
  std::string host;  ///< as given: for TLS names
  std::uint16_t port = 0;
  std::vector<std::string> addresses;  ///< numeric

  /// For CURLOPT_RESOLVE: "host:port:addr,addr" with IPv6 in brackets. Set CURLOPT_FOLLOWLOCATION to 0 with it.
  std::string curl_resolve() const;
  /// For libpq: hostaddr, beside host for the certificate's name.
  const std::string& hostaddr() const { return addresses.front(); }
  /// For ODBC's Server keyword: "tcp:addr,port"; give `host` as HostNameInCertificate.
  std::string odbc_server() const;
};

/// Host and port -> addresses as text. The system's resolver; tests give their own.
using Resolver = std::function<std::vector<std::string>(const std::string& host)>;
std::vector<std::string> system_resolver(const std::string& host);

/// The one way out for connections that a user can steer: databases, Connect, webhooks, OIDC. Refuses when ANY address
/// of the host is refused. Throws Error kAddressRefused without saying which address it was (a low role must not
/// learn the inner network), kHostUnknown when it does not resolve, kUsage for hosts that are none: empty, a path
/// ("/var/run/..": a socket), more than one ("a,b"), or with characters outside [A-Za-z0-9.-:_].
PinnedHost pin(const std::string& host, std::uint16_t port, const AddressPolicy& policy,
               const Resolver& resolve = system_resolver);

}  // namespace millrace::security
