#pragma once

#include <functional>
#include <string>

#include "server/routes.hpp"

namespace millrace::server {

/// Does the work of a request once, however often it comes with the same header Idempotency-Key (of the same tenant and
/// actor, for 24 hours): a repetition gets the first answer again. `content`: what makes two requests the same; without
/// secrets, since its hash is stored. Work that fails frees the key. Without the header just does the work.
/// Throws Error kIdempotencyMismatch, kIdempotencyInFlight, kUsage for a header that is no key.
Response idempotent(const Call& call, const std::string& content, const std::function<Response()>& work);

}  // namespace millrace::server
