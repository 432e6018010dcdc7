#pragma once

#include <string>
#include <vector>

#include "support/host_guard.hpp"
#include "support/secret.hpp"

namespace millrace::server {

/// A request to a service that an administrator has named.
struct OutgoingRequest {
  std::string url;
  std::vector<std::string> headers = {};
  std::string form = {};  ///< application/x-www-form-urlencoded; empty: a GET
  std::string user = {};  ///< of basic authentication; empty: without
  Secret password = {};
  Secret bearer = {};        ///< a token for Authorization; empty: without
  std::string ca_file = {};  ///< PEM; empty: the system's
};

struct OutgoingAnswer {
  long status = 0;
  std::string body;
};

/// One attempt, at most 10 s and 1 MiB. Only what the guard says may be dialled is dialled; no redirects, no proxies.
/// Throws Error as the guard does, and kOidcUnavailable without an answer.
OutgoingAnswer send_out(const OutgoingRequest& request, const HostGuard& guard);

/// A text within a form or a query.
std::string form_encoded(const std::string& text);

}  // namespace millrace::server
