#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "security/address_policy.hpp"
#include "support/secret.hpp"

namespace millrace::server {

/// A webhook. Requests are signed: X-Millrace-Signature is "sha256=" and the lower-case hex HMAC-SHA256, under the
/// secret, of X-Millrace-Timestamp (Unix seconds), a '.' and the body.
struct WebhookSettings {
  std::string url;  ///< http or https, without user and password
};

struct EmailSettings {
  std::string host;
  std::uint16_t port = 0;
  std::string security = "starttls";  ///< tls | starttls | none
  std::string user;                   ///< empty: without sign-in
  std::string from;
  std::vector<std::string> to;
};

/// Throw Error kUsage that names the member.
void check(const WebhookSettings& settings);
void check(const EmailSettings& settings);

/// What became of one attempt.
struct DeliveryOutcome {
  bool delivered = false;
  std::string message;  ///< "HTTP 200", or why not; never what the other side said at length
};

/// One attempt, at most 15 s. The host is resolved once, judged by `policy`, and only what was judged is connected to;
/// no redirects, no proxies. `id` is the same for every attempt at one alert. Never throws.
DeliveryOutcome deliver(const WebhookSettings& settings, const Secret& secret, const std::string& id,
                        const std::string& message, const security::AddressPolicy& policy);
/// The message as a mail for people. Passwords go over TLS alone, whatever the settings say.
DeliveryOutcome deliver(const EmailSettings& settings, const Secret& password, const std::string& id,
                        const std::string& message, const security::AddressPolicy& policy);

/// "sha256=<hex>".
std::string webhook_signature(const Secret& secret, const std::string& timestamp, const std::string& body);

}  // namespace millrace::server
