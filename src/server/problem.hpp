#pragma once

#include <string>

#include "server/http.hpp"
#include "support/error.hpp"

namespace millrace::server {

/// application/problem+json (RFC 9457) with code, requestId, retryable, notes, and errors[{pointer, code, message,
/// fix}] when a member of the request is to blame. Status, code and suggestion are the error registry's.
Response problem(const Error& error, const std::string& request_id);

}  // namespace millrace::server
