#include "server/oidc_provider.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "security/random.hpp"
#include "server/claims.hpp"
#include "server/id_token.hpp"
#include "server/json_web_token.hpp"
#include "server/outgoing_http.hpp"
#include "support/error.hpp"
#include "support/unix_time.hpp"

namespace millrace::server {
namespace {

using nlohmann::json;

constexpr std::int64_t kDescriptionKeptMs = 10LL * 60 * 1000;
constexpr std::int64_t kSilenceMs = 5000;
constexpr int kOk = 200;
constexpr int kFirstServerFault = 500;

/// Some providers have it as a text.
bool flag(const json& object, const char* name) {
  const auto member = object.find(name);
  return member != object.end() && (*member == true || *member == "true");
}

Error strange(const char* what) {
  return Error(ErrorCode::kOidcInvalid, std::string("The identity provider's ") + what + ".");
}

std::string endpoint(const json& document, const char* name, bool needed) {
  auto url = claim_text(document, name);
  if (url.empty() && !needed) return url;
  if (!is_safe_url(url)) throw strange("description names an endpoint that is not https");
  return url;
}

bool offers(const json& document, const char* list, const char* word) {
  const auto offered = document.find(list);
  return offered != document.end() && offered->is_array() &&
         std::find(offered->begin(), offered->end(), word) != offered->end();
}

std::string challenge_of(const std::string& verifier) {
  std::array<unsigned char, crypto_hash_sha256_BYTES> digest{};
  crypto_hash_sha256(digest.data(), reinterpret_cast<const unsigned char*>(verifier.data()), verifier.size());
  return security::to_base64url(std::string_view(reinterpret_cast<const char*>(digest.data()), digest.size()));
}

std::string pairs(const std::vector<std::pair<std::string, std::string>>& list) {
  std::string line;
  for (const auto& [name, value] : list) line += (line.empty() ? "" : "&") + name + "=" + form_encoded(value);
  return line;
}

}  // namespace

OidcProvider::OidcProvider(OidcSettings settings, HostGuard guard)
    : settings_(std::move(settings)), guard_(std::move(guard)) {
  while (settings_.redirect_base.ends_with('/')) settings_.redirect_base.pop_back();
}

std::string OidcProvider::display_name() const {
  if (!settings_.display_name.empty()) return settings_.display_name;
  const auto begin = settings_.issuer.find("://") + 3;
  return settings_.issuer.substr(begin, settings_.issuer.find('/', begin) - begin);
}

std::string OidcProvider::redirect_uri() const {
  return settings_.redirect_base + "/api/v1/auth/oidc/callback";
}

json OidcProvider::read_json(const std::string& url) {
  const auto answer =
      send_out({.url = url, .headers = {"Accept: application/json"}, .ca_file = settings_.ca_file}, guard_);
  if (answer.status != kOk) {
    throw Error(ErrorCode::kOidcUnavailable,
                "The identity provider answered with status " + std::to_string(answer.status) + ".");
  }
  auto document = json::parse(answer.body, nullptr, false);
  if (!document.is_object()) throw strange("answer is not JSON");
  return document;
}

OidcProvider::Description OidcProvider::description() {
  {
    const std::lock_guard lock(mutex_);
    const auto now = unix_ms();
    if (description_ && now - description_->read_ms < kDescriptionKeptMs) return *description_;
    if (failed_ms_ && now - *failed_ms_ < kSilenceMs) {
      throw Error(ErrorCode::kOidcUnavailable, "The identity provider did not answer a moment ago.");
    }
    if (failed_ms_) failed_ms_ = now;
  }
  try {
    auto found = read_description();
    const std::lock_guard lock(mutex_);
    failed_ms_.reset();
    description_ = std::move(found);
    return *description_;
  } catch (const Error&) {
    const std::lock_guard lock(mutex_);
    failed_ms_ = unix_ms();
    throw;
  }
}

OidcProvider::Description OidcProvider::read_description() {
  const auto base =
      settings_.issuer.ends_with('/') ? settings_.issuer.substr(0, settings_.issuer.size() - 1) : settings_.issuer;
  const auto document = read_json(base + "/.well-known/openid-configuration");
  if (claim_text(document, "issuer") != settings_.issuer) throw strange("description is of another issuer");
  return {.authorization = endpoint(document, "authorization_endpoint", true),
          .token = endpoint(document, "token_endpoint", true),
          .keys = endpoint(document, "jwks_uri", true),
          .user_info = endpoint(document, "userinfo_endpoint", false),
          .secret_in_form = !offers(document, "token_endpoint_auth_methods_supported", "client_secret_basic") &&
                            offers(document, "token_endpoint_auth_methods_supported", "client_secret_post"),
          .names_issuer = flag(document, "authorization_response_iss_parameter_supported"),
          .read_ms = unix_ms()};
}

std::string OidcProvider::authorization_url(const OidcSignIn& sign_in) {
  const auto provider = description();
  const auto query = pairs({{"response_type", "code"},
                            {"client_id", settings_.client_id},
                            {"redirect_uri", redirect_uri()},
                            {"scope", "openid email profile"},
                            {"state", sign_in.state},
                            {"nonce", sign_in.nonce},
                            {"code_challenge", challenge_of(sign_in.verifier)},
                            {"code_challenge_method", "S256"}});
  return provider.authorization + (provider.authorization.find('?') == std::string::npos ? "?" : "&") + query;
}

json OidcProvider::keys(const std::string& url, bool anew) {
  if (!anew) {
    const std::lock_guard lock(mutex_);
    if (!keys_.empty()) return keys_;
  }
  const auto document = read_json(url);
  const auto set = document.find("keys");
  if (set == document.end() || !set->is_array()) throw strange("keys cannot be read");
  const std::lock_guard lock(mutex_);
  keys_ = *set;
  return keys_;
}

json OidcProvider::tokens(const Description& provider, const OidcSignIn& sign_in, const std::string& code) {
  std::vector<std::pair<std::string, std::string>> form{{"grant_type", "authorization_code"},
                                                        {"code", code},
                                                        {"redirect_uri", redirect_uri()},
                                                        {"code_verifier", sign_in.verifier}};
  OutgoingRequest request{.url = provider.token, .headers = {"Accept: application/json"}, .ca_file = settings_.ca_file};
  if (settings_.client_secret.empty() || provider.secret_in_form) form.emplace_back("client_id", settings_.client_id);
  if (!settings_.client_secret.empty() && provider.secret_in_form) {
    form.emplace_back("client_secret", settings_.client_secret.reveal());
  } else if (!settings_.client_secret.empty()) {
    // Encoded before they are put together (RFC 6749, section 2.3.1).
    request.user = form_encoded(settings_.client_id);
    request.password = Secret(form_encoded(settings_.client_secret.reveal()));
  }
  request.form = pairs(form);
  const auto answer = send_out(request, guard_);
  const auto document = json::parse(answer.body, nullptr, false);
  if (answer.status >= kFirstServerFault) {
    throw Error(ErrorCode::kOidcUnavailable,
                "The identity provider answered with status " + std::to_string(answer.status) + ".");
  }
  if (answer.status != kOk || !document.is_object()) {
    throw Error(ErrorCode::kOidcRefused, "The identity provider did not take the code.");
  }
  return document;
}

json OidcProvider::claims_of(const Description& provider, const std::string& token) {
  json claims;
  if (verify_token(token, keys(provider.keys, false), claims) == TokenVerdict::kSigned) return claims;
  // The keys may have been changed since they were read: they are read once more.
  if (verify_token(token, keys(provider.keys, true), claims) == TokenVerdict::kSigned) return claims;
  throw strange("token is signed by a key that is not the provider's");
}

void OidcProvider::add_user_info(const Description& provider, const json& tokens, json& claims) {
  const auto access = claim_text(tokens, "access_token");
  const bool all = claims.contains("email") && claims.contains(settings_.name_claim);
  if (all || provider.user_info.empty() || access.empty()) return;
  const auto answer = send_out({.url = provider.user_info,
                                .headers = {"Accept: application/json"},
                                .bearer = Secret(access),
                                .ca_file = settings_.ca_file},
                               guard_);
  const auto document = json::parse(answer.body, nullptr, false);
  if (answer.status != kOk || !document.is_object()) return;
  // Another subject's claims would be somebody else's.
  if (claim_text(document, "sub") != claim_text(claims, "sub")) throw strange("user info is of another subject");
  // An address and that it is verified come from one document.
  if (!claims.contains("email")) claims.erase("email_verified");
  for (const auto& [name, value] : document.items()) {
    if (!claims.contains(name)) claims[name] = value;
  }
}

access::OidcIdentity OidcProvider::redeem(const OidcSignIn& sign_in, const std::string& code,
                                          const std::string& issuer) {
  const auto provider = description();
  if ((provider.names_issuer || !issuer.empty()) && issuer != settings_.issuer) {
    throw strange("answer comes from another issuer");
  }
  const auto answer = tokens(provider, sign_in, code);
  auto claims = claims_of(provider, claim_text(answer, "id_token"));
  check_id_token(claims, {.issuer = settings_.issuer,
                          .client_id = settings_.client_id,
                          .nonce = sign_in.nonce,
                          .now_s = unix_ms() / kMsPerS});
  add_user_info(provider, answer, claims);
  return {.subject = settings_.issuer + "|" + claim_text(claims, "sub"),
          .name = claim_text(claims, settings_.name_claim.c_str()),
          .email = claim_text(claims, "email"),
          .email_verified = flag(claims, "email_verified"),
          .name_is_email = settings_.name_claim == "email"};
}

}  // namespace millrace::server
