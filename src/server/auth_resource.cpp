#include <nlohmann/json.hpp>

#include "security/tokens.hpp"
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

access::Client client_of(const Call& call) {
  return {call.request.address, call.request.header("user-agent")};
}

}  // namespace

Response sign_in_handler(const Call& call) {
  const auto body = parse_body(call.request);
  refuse_unknown(body, {"user", "password"});
  const auto user = text_member(body, "user");
  const Secret password(text_member(body, "password"));
  const auto session =
      call.services.accounts.sign_in(user, password, client_of(call), call.request.cookie(cookie_name(call.services)));
  auto response = json_response({{"user", session.user.name}, {"csrfToken", session.csrf.reveal()}});
  response.headers.emplace_back("Set-Cookie", cookie(call.services, session.token.reveal(), false));
  call.services.events.append({.tenant = call.workspace().tenant,
                               .kind = "session.signed_in",
                               .severity = "info",
                               .actor = user,
                               .message = "signed in from " + call.request.address});
  return response;
}

Response sign_out_handler(const Call& call) {
  call.services.accounts.sign_out(call.request.cookie(cookie_name(call.services)), client_of(call));
  Response response{.status = 204};
  response.headers.emplace_back("Set-Cookie", cookie(call.services, "", true));
  return response;
}

Response me_handler(const Call& call) {
  const auto& actor = call.actor;
  nlohmann::ordered_json body{{"user", actor.user_name},
                              {"role", actor.role ? nlohmann::ordered_json(security::to_word(*actor.role)) : nullptr},
                              {"serverAdmin", actor.server_admin},
                              {"permissions", nlohmann::ordered_json::array()}};
  for (const auto& row : security::permission_table()) {
    if (security::allowed(actor, row.permission)) body["permissions"].push_back(row.name);
  }
  // A key needs no such token, and has no session to take it from.
  if (actor.key_id.empty()) {
    body["csrfToken"] = security::csrf_token(call.request.cookie(cookie_name(call.services))).reveal();
  }
  return json_response(body);
}

}  // namespace millrace::server
