#include "server/id_token.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "security/random.hpp"
#include "server/claims.hpp"
#include "support/error.hpp"

namespace millrace::server {
namespace {

using nlohmann::json;

constexpr std::int64_t kSkewS = 60;
constexpr std::int64_t kOldestS = 600;
constexpr std::size_t kLongestSubject = 255;

[[noreturn]] void refuse_claim(const char* claim, const char* why) {
  throw Error(ErrorCode::kOidcInvalid, std::string("The identity provider's token has ") + why + " (" + claim + ").");
}

std::int64_t seconds_of(const json& claims, const char* name) {
  const auto member = claims.find(name);
  if (member == claims.end() || !member->is_number()) refuse_claim(name, "no moment");
  const auto moment = member->get<double>();
  constexpr double kFarthest = 1e12;
  if (!(moment >= 0 && moment < kFarthest)) refuse_claim(name, "no moment");
  return static_cast<std::int64_t>(moment);
}

void check_audience(const json& claims, const std::string& client_id) {
  const auto audience = claims.find("aud");
  if (audience == claims.end()) refuse_claim("aud", "no audience");
  const bool several = audience->is_array() && audience->size() > 1;
  const bool ours = audience->is_array() ? std::find(audience->begin(), audience->end(), client_id) != audience->end()
                                         : *audience == client_id;
  if (!ours) refuse_claim("aud", "another audience");
  if (several && !claims.contains("azp")) refuse_claim("azp", "several audiences and no authorized party");
  if (claims.contains("azp") && claim_text(claims, "azp") != client_id) refuse_claim("azp", "another authorized party");
}

}  // namespace

void check_id_token(const json& claims, const IdTokenWanted& wanted) {
  if (claim_text(claims, "iss") != wanted.issuer) refuse_claim("iss", "another issuer");
  check_audience(claims, wanted.client_id);
  if (seconds_of(claims, "exp") <= wanted.now_s - kSkewS) refuse_claim("exp", "run out");
  const auto issued = seconds_of(claims, "iat");
  if (issued > wanted.now_s + kSkewS) refuse_claim("iat", "a moment that is still to come");
  if (issued < wanted.now_s - kOldestS) refuse_claim("iat", "a moment that is long past");
  if (claims.contains("nbf") && seconds_of(claims, "nbf") > wanted.now_s + kSkewS) {
    refuse_claim("nbf", "a moment that is still to come");
  }
  if (!security::equal_in_constant_time(claim_text(claims, "nonce"), wanted.nonce))
    refuse_claim("nonce", "another nonce");
  const auto subject = claim_text(claims, "sub");
  if (subject.empty() || subject.size() > kLongestSubject) refuse_claim("sub", "no subject");
}

}  // namespace millrace::server
