#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>

namespace millrace::server {

/// What an ID token must say (OpenID Connect Core 1.0, section 3.1.3.7).
struct IdTokenWanted {
  std::string issuer;
  std::string client_id;
  std::string nonce;
  std::int64_t now_s = 0;  ///< Unix time
};

/// Judges the claims of a token whose signature was checked. Clocks may differ by a minute; a token is of use for ten
/// minutes at most. Throws Error kOidcInvalid that names the claim.
void check_id_token(const nlohmann::json& claims, const IdTokenWanted& wanted);

}  // namespace millrace::server
