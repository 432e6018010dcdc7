#include <nlohmann/json.hpp>

#include "server/account_json.hpp"
#include "server/api_json.hpp"
#include "server/body_fields.hpp"
#include "server/conditional.hpp"
#include "server/query.hpp"
#include "server/routes.hpp"
#include "store/outcome.hpp"
#include "store/users.hpp"

namespace millrace::server {
namespace {

using nlohmann::ordered_json;

const std::string& id_of(const Call& call) {
  return call.parameters.at("user");
}

Response answer_user(const Call& call, const std::string& id, int status = 200) {
  return call.services.database->read([&](store::Session& session) {
    const auto user = store::Users(session).find(id);
    if (!user) throw store::not_found("user");
    auto response = json_response(user_json(session, *user), status);
    response.headers.emplace_back("ETag", etag(user->revision));
    return response;
  });
}

std::vector<store::Membership> memberships_member(const nlohmann::json& body) {
  std::vector<store::Membership> memberships;
  const auto found = body.find("memberships");
  if (found == body.end()) return memberships;
  if (!found->is_array()) throw Error(ErrorCode::kUsage, "memberships must be a list.", {.field = "memberships"});
  for (const auto& item : *found) {
    if (!item.is_object()) throw Error(ErrorCode::kUsage, "A membership is an object.", {.field = "memberships"});
    refuse_unknown(item, {"tenant", "role"});
    memberships.push_back({needed_text_field(item, "tenant"), "",
                           security::require_role(needed_text_field(item, "role"), "memberships")});
  }
  return memberships;
}

/// Left out for somebody who signs in by the identity provider alone.
Secret first_password(const Call& call, const nlohmann::json& body) {
  if (call.services.oidc != nullptr && !body.contains("password")) return {};
  return Secret(needed_text_field(body, "password"));
}

/// An identity is linked by signing in, never by a request.
bool unlinks(const nlohmann::json& body) {
  const auto linked = flag_field(body, "oidcLinked");
  if (linked.value_or(false)) {
    throw Error(ErrorCode::kUsage, "oidcLinked can only become false: who signs in by the provider is linked.",
                {.field = "oidcLinked"});
  }
  return linked.has_value();
}

}  // namespace

Response list_users_handler(const Call& call) {
  return call.services.database->read([&](store::Session& session) {
    const auto page = store::Users(session).list(page_parameters(call.request));
    ordered_json items = ordered_json::array();
    for (const auto& user : page.items) items.push_back(user_json(session, user));
    return json_response({{"items", std::move(items)}, {"nextPageToken", page.next}});
  });
}

Response create_user_handler(const Call& call) {
  const auto body = parse_body(call.request);
  refuse_unknown(body, {"name", "password", "email", "serverAdmin", "memberships"});
  const auto user =
      call.services.accounts.create_user(call.actor, needed_text_field(body, "name"), first_password(call, body),
                                         flag_field(body, "serverAdmin").value_or(false),
                                         text_field(body, "email").value_or(""), memberships_member(body));
  auto response = answer_user(call, user.id, 201);
  response.headers.emplace_back("Location", "/api/v1/users/" + user.id);
  return response;
}

Response get_user_handler(const Call& call) {
  return answer_user(call, id_of(call));
}

Response update_user_handler(const Call& call) {
  const auto body = parse_body(call.request);
  refuse_unknown(body, {"email", "serverAdmin", "disabled", "oidcLinked"});
  call.services.accounts.change_user(call.actor, id_of(call),
                                     {.email = text_field(body, "email"),
                                      .server_admin = flag_field(body, "serverAdmin"),
                                      .disabled = flag_field(body, "disabled"),
                                      .unlink_oidc = unlinks(body)},
                                     if_match(call.request));
  return answer_user(call, id_of(call));
}

Response delete_user_handler(const Call& call) {
  call.services.accounts.remove_user(call.actor, id_of(call), if_match(call.request));
  return {.status = 204};
}

Response reset_password_handler(const Call& call) {
  const auto body = parse_body(call.request);
  refuse_unknown(body, {"password"});
  call.services.accounts.set_password(call.actor, id_of(call), Secret(needed_text_field(body, "password")));
  return {.status = 204};
}

Response put_membership_handler(const Call& call) {
  const auto body = parse_body(call.request);
  refuse_unknown(body, {"role"});
  call.services.accounts.put_member(call.actor, {call.parameters.at("tenant"), id_of(call),
                                                 security::require_role(needed_text_field(body, "role"), "role")});
  return answer_user(call, id_of(call));
}

Response delete_membership_handler(const Call& call) {
  call.services.accounts.remove_member(call.actor, call.parameters.at("tenant"), id_of(call));
  return {.status = 204};
}

}  // namespace millrace::server
