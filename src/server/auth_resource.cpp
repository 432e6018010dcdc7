#include <nlohmann/json.hpp>
#include <set>

#include "security/tokens.hpp"
#include "server/api_json.hpp"
#include "server/authenticate.hpp"
#include "server/body_fields.hpp"
#include "server/routes.hpp"
#include "store/tenants.hpp"
#include "store/users.hpp"

namespace millrace::server {
namespace {

using nlohmann::ordered_json;

constexpr int kMostTenants = 1000;

std::string token_of(const Call& call) {
  return call.request.cookie(cookie_name(call.services));
}

/// The tenants that one may work in: those one is a member of, and for a server administrator all others.
ordered_json tenants_of(store::Session& session, const security::Actor& actor) {
  ordered_json list = ordered_json::array();
  std::set<std::string> known;
  for (const auto& membership : store::Memberships(session).of_user(actor.user_id)) {
    known.insert(membership.tenant);
    list.push_back(
        {{"id", membership.tenant}, {"name", membership.tenant_name}, {"role", security::to_word(membership.role)}});
  }
  if (!actor.server_admin) return list;
  for (const auto& tenant : store::Tenants(session).list({.size = kMostTenants}).items) {
    if (!known.contains(tenant.id)) list.push_back({{"id", tenant.id}, {"name", tenant.name}, {"role", nullptr}});
  }
  return list;
}

ordered_json described(const Call& call, const security::Actor& actor) {
  ordered_json body{{"user", actor.user_name}, {"userId", actor.user_id}, {"serverAdmin", actor.server_admin}};
  call.services.database->read([&](store::Session& session) {
    const auto tenant = store::Tenants(session).find(actor.tenant);
    body["tenant"] = tenant ? ordered_json{{"id", tenant->id}, {"name", tenant->name}} : ordered_json(nullptr);
    body["role"] = actor.role ? ordered_json(security::to_word(*actor.role)) : ordered_json(nullptr);
    body["permissions"] = ordered_json::array();
    // A key is of one tenant.
    body["tenants"] = actor.key_id.empty() ? tenants_of(session, actor) : ordered_json::array();
    if (!actor.key_id.empty() && tenant)
      body["tenants"].push_back({{"id", tenant->id}, {"name", tenant->name}, {"role", body["role"]}});
  });
  for (const auto& row : security::permission_table()) {
    if (security::allowed(actor, row.permission)) body["permissions"].push_back(row.name);
  }
  return body;
}

}  // namespace

Response sign_in_handler(const Call& call) {
  const auto body = parse_body(call.request);
  refuse_unknown(body, {"user", "password"});
  const auto user = needed_text_field(body, "user");
  const Secret password(needed_text_field(body, "password"));
  const auto session = call.services.accounts.sign_in(user, password, client_of(call.request), token_of(call));
  auto response = json_response({{"user", session.user.name}, {"csrfToken", session.csrf.reveal()}});
  give_session(call, session, "signed in", response);
  return response;
}

Response sign_out_handler(const Call& call) {
  call.services.accounts.sign_out(token_of(call), client_of(call.request));
  Response response{.status = 204};
  response.headers.emplace_back("Set-Cookie", session_cookie(call.services, "") + "; Max-Age=0");
  return response;
}

Response me_handler(const Call& call) {
  auto body = described(call, call.actor);
  // A key needs no such token, and has no session to take it from.
  if (call.actor.key_id.empty()) {
    body["csrfToken"] = security::csrf_token(token_of(call)).reveal();
  } else {
    body["keyId"] = call.actor.key_id;
  }
  return json_response(body);
}

Response choose_tenant_handler(const Call& call) {
  require_session(call);
  const auto body = parse_body(call.request);
  refuse_unknown(body, {"tenant"});
  const auto client = client_of(call.request);
  const auto session = call.services.accounts.choose_tenant(token_of(call), needed_text_field(body, "tenant"), client);
  auto answer = described(call, call.services.accounts.by_session(session.token.reveal(), client));
  answer["csrfToken"] = session.csrf.reveal();
  auto response = json_response(answer);
  response.headers.emplace_back("Set-Cookie", session_cookie(call.services, session.token.reveal()));
  return response;
}

}  // namespace millrace::server
