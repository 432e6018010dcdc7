#include "server/authenticate.hpp"

#include "security/tokens.hpp"
#include "support/error.hpp"

namespace millrace::server {
namespace {

constexpr std::string_view kBearer = "Bearer ";

/// Empty for another kind of credential: it is no key either.
std::string key_of(const std::string& credentials) {
  return credentials.starts_with(kBearer) ? credentials.substr(kBearer.size()) : std::string();
}

}  // namespace

access::Client client_of(const Request& request) {
  return {request.address, request.header("user-agent")};
}

security::Actor authenticate(const Request& request, const Services& services) {
  const auto client = client_of(request);
  const auto credentials = request.header("authorization");
  // An API key comes in a header that no foreign page can send.
  if (!credentials.empty()) return services.accounts.by_api_key(key_of(credentials), client);
  const auto token = request.cookie(cookie_name(services));
  auto actor = services.accounts.by_session(token, client);
  // A session comes by itself with every request of a browser.
  const bool reads = request.method == "GET" || request.method == "HEAD";
  if (!reads && !security::csrf_matches(token, request.header("x-csrf-token"))) {
    throw Error(ErrorCode::kForbidden, "A write needs the header X-CSRF-Token that sign-in gave.");
  }
  return actor;
}

bool still_allowed(const Request& request, const Services& services, const std::string& tenant,
                   security::Permission permission) {
  return services.accounts.still_allowed(request.cookie(cookie_name(services)), key_of(request.header("authorization")),
                                         tenant, permission);
}

void require_session(const Call& call) {
  if (call.actor.key_id.empty()) return;
  throw Error(ErrorCode::kForbidden, "This is for people who are signed in, not for API keys.");
}

void give_session(const Call& call, const access::SignedIn& session, const std::string& how, Response& response) {
  response.headers.emplace_back("Set-Cookie", session_cookie(call.services, session.token.reveal()));
  if (session.tenant.empty()) return;
  call.services.events.append({.tenant = session.tenant,
                               .kind = "session.signed_in",
                               .severity = "info",
                               .actor = session.user.name,
                               .message = how + " from " + call.request.address});
}

}  // namespace millrace::server
