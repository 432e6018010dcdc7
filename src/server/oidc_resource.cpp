#include <algorithm>
#include <nlohmann/json.hpp>

#include "security/random.hpp"
#include "server/api_json.hpp"
#include "server/authenticate.hpp"
#include "server/outgoing_http.hpp"
#include "server/routes.hpp"
#include "support/error.hpp"
#include "support/unix_time.hpp"

namespace millrace::server {
namespace {

using nlohmann::json;

constexpr std::int64_t kPatienceS = 600;
constexpr std::size_t kLongestPath = 500;
constexpr std::size_t kLongestCode = 4096;
constexpr int kSeeOther = 303;

/// A sign-in that is under way. It is in the browser's cookie, sealed: whoever has not got the cookie cannot end it,
/// and the server keeps nothing for somebody who never comes back.
struct Pending {
  OidcSignIn sign_in;
  std::string return_to;
};

const security::SecretPlace& place() {
  static const security::SecretPlace kPlace{"", "oidc", "sign-in"};
  return kPlace;
}

OidcProvider& provider_of(const Call& call) {
  if (call.services.oidc == nullptr) {
    throw Error(ErrorCode::kObjectNotFound, "This server knows no identity provider.");
  }
  return *call.services.oidc;
}

std::string cookie_of_sign_in(const Services& services) {
  return cookie_name(services) + "-oidc";
}

std::string set_cookie(const Services& services, const std::string& value, std::int64_t seconds) {
  // Lax: it comes along when the provider sends the browser back.
  return cookie_of_sign_in(services) + "=" + value + "; Path=/; HttpOnly; SameSite=Lax" +
         (services.tls ? "; Secure" : "") + "; Max-Age=" + std::to_string(seconds);
}

/// A path of our own page, and of nobody else's.
std::string path_of(const std::string& wish) {
  const bool ours = !wish.empty() && wish.size() <= kLongestPath && wish.front() == '/' && !wish.starts_with("//") &&
                    std::all_of(wish.begin(), wish.end(), [](char c) { return c > ' ' && c < 0x7F && c != '\\'; });
  return ours ? wish : "/";
}

Response redirect(const std::string& where) {
  Response response{.status = kSeeOther};
  response.headers.emplace_back("Location", where);
  return response;
}

Response failed(const Call& call, const Error& error) {
  return redirect("/?signInError=" + std::string(error.info().id) + "&requestId=" + form_encoded(call.request.id));
}

std::string sealed(const Call& call, const Pending& pending) {
  const json content{{"state", pending.sign_in.state},
                     {"nonce", pending.sign_in.nonce},
                     {"verifier", pending.sign_in.verifier},
                     {"returnTo", pending.return_to},
                     {"until", unix_ms() + kPatienceS * kMsPerS}};
  return call.services.box->seal(Secret(content.dump()), place());
}

[[noreturn]] void refuse_sign_in(const char* why) {
  throw Error(ErrorCode::kOidcInvalid, why);
}

Pending opened(const Call& call) {
  const auto cookie = call.request.cookie(cookie_of_sign_in(call.services));
  if (cookie.empty()) refuse_sign_in("The sign-in was not begun in this browser, or too long ago.");
  json content;
  try {
    content = json::parse(call.services.box->open(cookie, place()).reveal());
  } catch (const Error&) {
    refuse_sign_in("The sign-in was not begun here.");
  }
  if (content.at("until").get<std::int64_t>() < unix_ms()) refuse_sign_in("The sign-in was begun too long ago.");
  return {.sign_in = {.state = content.at("state"), .nonce = content.at("nonce"), .verifier = content.at("verifier")},
          .return_to = content.at("returnTo")};
}

access::OidcPolicy policy_of(const OidcSettings& settings) {
  return {.link_by_email = settings.link_by_email,
          .create = settings.create_users,
          .tenant = settings.create_tenant,
          .role = security::require_role(settings.create_role, "oidc-create-role")};
}

Response signed_in(const Call& call) {
  auto& provider = provider_of(call);
  const auto pending = opened(call);
  if (!security::equal_in_constant_time(call.request.parameter("state"), pending.sign_in.state)) {
    refuse_sign_in("The answer belongs to another sign-in.");
  }
  const auto code = call.request.parameter("code");
  if (!call.request.parameter("error").empty() || code.empty() || code.size() > kLongestCode) {
    throw Error(ErrorCode::kOidcRefused, "The identity provider did not sign the user in.");
  }
  const auto identity = provider.redeem(pending.sign_in, code, call.request.parameter("iss"));
  const auto session =
      call.services.accounts.sign_in_oidc(identity, policy_of(provider.settings()), client_of(call.request),
                                          call.request.cookie(cookie_name(call.services)));
  auto response = redirect(pending.return_to);
  give_session(call, session, "signed in by the identity provider", response);
  return response;
}

/// Whether the log has a line already: of those who are known it has.
bool is_noted(ErrorCode code) {
  return code == ErrorCode::kOidcUnknownUser || code == ErrorCode::kSignIn;
}

}  // namespace

Response oidc_handler(const Call& call) {
  const auto* provider = call.services.oidc;
  return json_response({{"configured", provider != nullptr},
                        {"displayName", provider == nullptr ? "" : provider->display_name()},
                        {"startUrl", provider == nullptr ? "" : "/api/v1/auth/oidc/start"}});
}

Response oidc_start_handler(const Call& call) {
  auto& provider = provider_of(call);
  const Pending pending{.sign_in = {.state = security::random_token().reveal(),
                                    .nonce = security::random_token().reveal(),
                                    .verifier = security::random_token().reveal()},
                        .return_to = path_of(call.request.parameter("returnTo"))};
  try {
    auto response = redirect(provider.authorization_url(pending.sign_in));
    response.headers.emplace_back("Set-Cookie", set_cookie(call.services, sealed(call, pending), kPatienceS));
    return response;
  } catch (const Error& error) {
    return failed(call, error);
  }
}

Response oidc_callback_handler(const Call& call) {
  provider_of(call);
  Response response;
  try {
    response = signed_in(call);
  } catch (const Error& error) {
    if (!is_noted(error.code())) {
      call.services.accounts.note_failed_oidc(std::string(error.info().id), client_of(call.request));
    }
    response = failed(call, error);
  }
  // A code and its state are good for one attempt.
  response.headers.emplace_back("Set-Cookie", set_cookie(call.services, "", 0));
  return response;
}

}  // namespace millrace::server
