#include "server/json_web_token.hpp"

#include <cjose/cjose.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string_view>

#include "security/random.hpp"
#include "server/claims.hpp"
#include "support/error.hpp"

namespace millrace::server {
namespace {

using nlohmann::json;

constexpr std::size_t kLongestToken = 64 * 1024;
constexpr std::size_t kSmallestModulus = 2048 / 8;

struct JwkRelease {
  void operator()(cjose_jwk_t* key) const { cjose_jwk_release(key); }
};
struct JwsRelease {
  void operator()(cjose_jws_t* token) const { cjose_jws_release(token); }
};
using Jwk = std::unique_ptr<cjose_jwk_t, JwkRelease>;
using Jws = std::unique_ptr<cjose_jws_t, JwsRelease>;

[[noreturn]] void refuse(const char* why) {
  throw Error(ErrorCode::kOidcInvalid, std::string("The identity provider's token ") + why + ".");
}

/// The header, of which only what we know may decide anything.
json header_of(const std::string& token) {
  if (token.size() > kLongestToken) refuse("is too long");
  const auto bytes = security::from_base64url(std::string_view(token).substr(0, token.find('.')));
  auto header = bytes ? json::parse(*bytes, nullptr, false) : json();
  if (!header.is_object()) refuse("cannot be read");
  if (header.contains("crit")) refuse("has a header that must be understood and is not");
  return header;
}

/// Whether the key is one that may have made a signature of this algorithm.
bool fits(const json& key, const std::string& algorithm) {
  if (!key.is_object()) return false;
  if (const auto use = claim_text(key, "use"); !use.empty() && use != "sig") return false;
  if (const auto own = claim_text(key, "alg"); !own.empty() && own != algorithm) return false;
  if (algorithm == "ES256") return claim_text(key, "kty") == "EC" && claim_text(key, "crv") == "P-256";
  if (claim_text(key, "kty") != "RSA") return false;
  const auto modulus = security::from_base64url(claim_text(key, "n"));
  return modulus && modulus->size() >= kSmallestModulus;
}

/// The claims, when the key has signed them.
bool signed_by(const json& key, const std::string& token, json& claims) {
  cjose_err failure{};
  const auto key_text = key.dump();
  const Jwk jwk(cjose_jwk_import(key_text.data(), key_text.size(), &failure));
  const Jws jws(cjose_jws_import(token.data(), token.size(), &failure));
  if (!jwk || !jws || !cjose_jws_verify(jws.get(), jwk.get(), &failure)) return false;
  std::uint8_t* bytes = nullptr;
  std::size_t length = 0;
  if (!cjose_jws_get_plaintext(jws.get(), &bytes, &length, &failure)) return false;
  claims = json::parse(bytes, bytes + length, nullptr, false);
  return true;
}

}  // namespace

TokenVerdict verify_token(const std::string& token, const json& keys, json& claims) {
  const auto header = header_of(token);
  const auto algorithm = claim_text(header, "alg");
  if (algorithm != "RS256" && algorithm != "ES256") refuse("is not signed by RS256 or ES256");
  const auto id = claim_text(header, "kid");
  bool known = false;
  for (const auto& key : keys) {
    if (!fits(key, algorithm) || (!id.empty() && claim_text(key, "kid") != id)) continue;
    known = true;
    if (!signed_by(key, token, claims)) continue;
    if (!claims.is_object()) refuse("holds no claims");
    return TokenVerdict::kSigned;
  }
  // A key without id may be new as well.
  if (!known || id.empty()) return TokenVerdict::kUnknownKey;
  refuse("has a signature that is not the provider's");
}

}  // namespace millrace::server
