#include <nlohmann/json.hpp>

#include "server/api_json.hpp"
#include "server/routes.hpp"
#include "support/error.hpp"

namespace millrace::server {
namespace {

std::string cookie(const Services& services, const std::string& value, bool ends) {
  return cookie_name(services) + "=" + value + "; Path=/; HttpOnly; SameSite=Lax" + (services.tls ? "; Secure" : "") +
         (ends ? "; Max-Age=0" : "");
}

std::string text_member(const nlohmann::json& body, const char* name) {
  const auto found = body.find(name);
  if (found == body.end() || !found->is_string()) {
    throw Error(ErrorCode::kUsage, std::string("The member ") + name + " must be there and be a text.",
                {.field = name});
  }
  return found->get<std::string>();
}

}  // namespace

Response sign_in_handler(const Call& call) {
  const auto body = parse_body(call.request);
  refuse_unknown(body, {"user", "password"});
  const auto user = text_member(body, "user");
  const Secret password(text_member(body, "password"));
  call.services.sign_in.sign_out(call.request.cookie(cookie_name(call.services)));
  const auto session = call.services.sign_in.sign_in(user, password, call.request.address);
  auto response = json_response({{"user", user}, {"csrfToken", session.csrf}});
  response.headers.emplace_back("Set-Cookie", cookie(call.services, session.token.reveal(), false));
  call.services.events.append({.kind = "session.signed_in",
                               .severity = "info",
                               .actor = user,
                               .message = "signed in from " + call.request.address});
  return response;
}

Response sign_out_handler(const Call& call) {
  call.services.sign_in.sign_out(call.request.cookie(cookie_name(call.services)));
  Response response{.status = 204};
  response.headers.emplace_back("Set-Cookie", cookie(call.services, "", true));
  return response;
}

Response me_handler(const Call& call) {
  const auto csrf = call.services.sign_in.check(call.request.cookie(cookie_name(call.services)));
  return json_response({{"user", SignIn::kUser}, {"csrfToken", csrf}});
}

}  // namespace millrace::server
