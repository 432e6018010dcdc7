#include <nlohmann/json.hpp>

#include "server/api_json.hpp"
#include "server/authenticate.hpp"
#include "server/body_fields.hpp"
#include "server/routes.hpp"

namespace millrace::server {

Response change_password_handler(const Call& call) {
  require_session(call);
  const auto body = parse_body(call.request);
  refuse_unknown(body, {"currentPassword", "newPassword"});
  call.services.accounts.change_own_password(call.actor, Secret(needed_text_field(body, "currentPassword")),
                                             Secret(needed_text_field(body, "newPassword")),
                                             call.request.cookie(cookie_name(call.services)));
  return {.status = 204};
}

Response list_sessions_handler(const Call& call) {
  require_session(call);
  nlohmann::ordered_json items = nlohmann::ordered_json::array();
  for (const auto& session : call.services.accounts.own_sessions(call.request.cookie(cookie_name(call.services)))) {
    items.push_back({{"id", session.id},
                     {"current", session.current},
                     {"createdAt", rfc3339(session.record.created_ms)},
                     {"seenAt", rfc3339(session.record.seen_ms)},
                     {"expiresAt", rfc3339(session.record.expires_ms)},
                     {"address", session.record.address},
                     {"agent", session.record.agent}});
  }
  return json_response({{"items", std::move(items)}});
}

Response end_session_handler(const Call& call) {
  require_session(call);
  call.services.accounts.end_own_session(call.actor, call.parameters.at("session"));
  return {.status = 204};
}

}  // namespace millrace::server
