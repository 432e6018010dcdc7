#include <nlohmann/json.hpp>

#include "server/account_json.hpp"
#include "server/api_json.hpp"
#include "server/authenticate.hpp"
#include "server/body_fields.hpp"
#include "server/query.hpp"
#include "server/routes.hpp"
#include "store/api_keys.hpp"
#include "store/outcome.hpp"
#include "store/users.hpp"
#include "support/unix_time.hpp"

namespace millrace::server {
namespace {

using nlohmann::ordered_json;

constexpr std::int64_t kDefaultDays = 90;
constexpr std::int64_t kMostDays = 3650;
constexpr std::int64_t kMsPerDay = 24LL * 60 * 60 * 1000;

/// Days from now; null: never.
std::optional<std::int64_t> expiry(const nlohmann::json& body) {
  const auto found = body.find("expiresInDays");
  if (found != body.end() && found->is_null()) return std::nullopt;
  std::int64_t days = kDefaultDays;
  if (found != body.end()) {
    days = found->is_number_integer() ? found->get<std::int64_t>() : 0;
    if (days < 1 || days > kMostDays) {
      throw Error(ErrorCode::kUsage, "expiresInDays must be 1 to 3650, or null for a key that does not run out.",
                  {.field = "expiresInDays"});
    }
  }
  return unix_ms() + days * kMsPerDay;
}

}  // namespace

Response list_api_keys_handler(const Call& call) {
  const bool all = flag_parameter(call.request, "all");
  if (all) security::require(call.actor, security::Permission::kApiKeysAll);
  return call.services.database->read([&](store::Session& session) {
    const auto page = store::ApiKeys(session).list(call.actor.tenant, page_parameters(call.request),
                                                   all ? std::nullopt : std::optional(call.actor.user_id));
    store::Users users(session);
    ordered_json items = ordered_json::array();
    for (const auto& key : page.items) {
      const auto owner = users.find(key.user);
      items.push_back(api_key_json(key, owner ? owner->name : ""));
    }
    return json_response({{"items", std::move(items)}, {"nextPageToken", page.next}});
  });
}

// Not by a key: one that runs out soon would make one that does not, and a narrow one a wider.
Response create_api_key_handler(const Call& call) {
  require_session(call);
  const auto body = parse_body(call.request);
  refuse_unknown(body, {"name", "role", "scopes", "expiresInDays"});
  store::ApiKeyRecord wanted{
      .tenant = call.actor.tenant, .user = call.actor.user_id, .name = needed_text_field(body, "name")};
  wanted.role = security::require_role(needed_text_field(body, "role"), "role");
  wanted.scopes = texts_field(body, "scopes");
  wanted.expires_ms = expiry(body);
  const auto made = call.services.accounts.create_api_key(call.actor, wanted);
  auto answer = api_key_json(made.record, call.actor.user_name);
  answer["key"] = made.whole.reveal();
  return json_response(answer, 201);
}

Response revoke_api_key_handler(const Call& call) {
  const auto& id = call.parameters.at("key");
  const auto key = call.services.database->read(
      [&](store::Session& session) { return store::ApiKeys(session).find(call.actor.tenant, id); });
  const bool visible =
      key && (key->user == call.actor.user_id || security::allowed(call.actor, security::Permission::kApiKeysAll));
  if (!visible) throw store::not_found("API key");
  call.services.accounts.revoke_api_key(call.actor, call.actor.tenant, id);
  return {.status = 204};
}

}  // namespace millrace::server
