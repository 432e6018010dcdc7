#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "server/http.hpp"

namespace millrace::server {

/// The strong entity tag of a revision (RFC 9110, section 8.8.3).
std::string etag(std::int64_t revision);
/// The revision that If-Match asks for: none without the header or with "*"; one that no object has for a tag that is
/// not ours (RFC 9110, section 13.1.1).
std::optional<std::int64_t> if_match(const Request& request);
/// For changes that must say which state they are meant for. Throws Error kPreconditionRequired.
void require_if_match(const Request& request);

}  // namespace millrace::server
