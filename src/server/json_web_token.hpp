#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace millrace::server {

/// What became of a signed token (JWS compact serialization, RFC 7515).
enum class TokenVerdict {
  kSigned,     ///< by one of the keys
  kUnknownKey  ///< it names a key that the set does not have: the set may be older than the key
};

/// Checks a token against a set of keys (JWK set, RFC 7517) and gives its claims. Signatures are RS256, with keys of at
/// least 2048 bits, and ES256; what the token says of itself picks a key of the fitting kind and nothing else. Throws
/// Error kOidcInvalid for any other algorithm ("none" too), a signature that does not fit, and what is no such token.
TokenVerdict verify_token(const std::string& token, const nlohmann::json& keys, nlohmann::json& claims);

}  // namespace millrace::server
