#include <nlohmann/json.hpp>

#include "server/api_json.hpp"
#include "server/body_fields.hpp"
#include "server/query.hpp"
#include "server/routes.hpp"
#include "store/outcome.hpp"
#include "store/users.hpp"

namespace millrace::server {
namespace {

nlohmann::ordered_json described(const store::Membership& member) {
  return {{"user", member.user}, {"name", member.user_name}, {"role", security::to_word(member.role)}};
}

}  // namespace

Response list_members_handler(const Call& call) {
  return call.services.database->read([&](store::Session& session) {
    const auto page = store::Memberships(session).of_tenant(call.actor.tenant, page_parameters(call.request));
    nlohmann::ordered_json items = nlohmann::ordered_json::array();
    for (const auto& member : page.items) items.push_back(described(member));
    return json_response({{"items", std::move(items)}, {"nextPageToken", page.next}});
  });
}

// Nobody is added here: whether a name is that of some user of the server would show by trying.
Response update_member_handler(const Call& call) {
  const auto body = parse_body(call.request);
  refuse_unknown(body, {"role"});
  const auto& user = call.parameters.at("user");
  store::Membership member{call.actor.tenant, user, security::require_role(needed_text_field(body, "role"), "role")};
  call.services.accounts.change_member(call.actor, member);
  const auto record =
      call.services.database->read([&](store::Session& session) { return store::Users(session).find(user); });
  if (!record) throw store::not_found("member");
  member.user_name = record->name;
  return json_response(described(member));
}

Response remove_member_handler(const Call& call) {
  call.services.accounts.remove_member(call.actor, call.actor.tenant, call.parameters.at("user"));
  return {.status = 204};
}

}  // namespace millrace::server
