#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "support/secret.hpp"

namespace millrace::security {

/// How long a session lives: without a request, and at all.
struct SessionLimits {
  std::chrono::milliseconds idle = std::chrono::minutes(30);
  std::chrono::milliseconds absolute = std::chrono::hours(12);
};

/// A token for the `__Host-` cookie: 32 random bytes.
Secret new_session_token();
/// How it is stored and looked up.
std::string session_hash(std::string_view token);
/// The token that a page of this session sends in the header X-CSRF-Token: derived from the session's token, so it
/// need not be stored and ends with it. It says nothing about the session's token.
Secret csrf_token(std::string_view session_token);
bool csrf_matches(std::string_view session_token, std::string_view given);

/// An API key: "millrace_<id>_<secret>"; id 20 characters, secret 43 (32 random bytes, base64url).
struct MintedKey {
  std::string id;
  Secret whole;      ///< shown once
  std::string hash;  ///< stored
};
MintedKey mint_api_key();

struct ParsedKey {
  std::string id;
  std::string hash;  ///< of the secret part that was presented
};
/// None for a text that is not formed like a key: nothing need be looked up then.
std::optional<ParsedKey> parse_api_key(std::string_view text);

}  // namespace millrace::security
