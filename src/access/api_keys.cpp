#include <algorithm>

#include "access/accounts_impl.hpp"
#include "security/random.hpp"
#include "store/outcome.hpp"
#include "support/utf16.hpp"

namespace millrace::access {
namespace {

/// A key is noted as used this often at most: a write a request would cost more than the request.
constexpr std::int64_t kTouchKeyEveryMs = 60'000;

void check(const store::ApiKeyRecord& key, std::int64_t now_ms) {
  if (key.name.empty() || characters(key.name) > kLongestName) {
    throw Error(ErrorCode::kUsage, "A key's name is 1 to 100 characters.", {.field = "name"});
  }
  for (const auto& scope : key.scopes) {
    if (!security::permission_from(scope)) {
      throw Error(ErrorCode::kUsage, "There is no right " + scope + ".", {.field = "scopes"});
    }
  }
  if (key.expires_ms && *key.expires_ms <= now_ms) {
    throw Error(ErrorCode::kUsage, "The key would have run out already.", {.field = "expires"});
  }
}

}  // namespace

Accounts::Impl::KnownKey Accounts::Impl::require_key(const std::string& key, const Client& client) const {
  const auto parsed = security::parse_api_key(key);
  if (!parsed) throw unknown();
  struct Found {
    store::ApiKeyRecord key;
    store::UserRecord user;
    std::optional<security::Role> role;
  };
  const auto found = database->read([&](store::Session& session) -> std::optional<Found> {
    const auto record = store::ApiKeys(session).find_any(parsed->id);
    if (!record) return std::nullopt;
    const auto user = store::Users(session).find(record->user);
    if (!user) return std::nullopt;
    return Found{*record, *user, store::Memberships(session).role(record->tenant, record->user)};
  });
  const auto moment = now();
  // Every reason is looked at only after the secret was compared: who has not got it learns nothing.
  const bool right = found && security::equal_in_constant_time(found->key.hash, parsed->hash);
  if (!right || found->user.disabled || found->key.revoked_ms ||
      (found->key.expires_ms && *found->key.expires_ms <= moment)) {
    throw unknown();
  }
  security::Actor actor;
  actor.user_id = found->user.id;
  actor.user_name = found->user.name;
  actor.key_id = found->key.id;
  actor.tenant = found->key.tenant;
  actor.address = client.address;
  // A server administrator acts as an administrator in every tenant, and never as more by a key.
  const auto owner_role = found->user.server_admin ? std::optional(security::Role::kAdmin) : found->role;
  if (owner_role) actor.role = std::min(*owner_role, found->key.role);
  if (!found->key.scopes.empty()) {
    actor.scopes.emplace();
    for (const auto& scope : found->key.scopes) {
      const auto permission = security::permission_from(scope);
      // Those of the server are worth what the owner is now.
      if (permission && (!security::is_of_server(*permission) || found->user.server_admin)) {
        actor.scopes->insert(*permission);
      }
    }
  }
  return {found->key, actor};
}

security::Actor Accounts::by_api_key(const std::string& key, const Client& client) {
  const auto known = impl_->require_key(key, client);
  if (const auto now = impl_->now(); now - known.key.last_used_ms.value_or(0) >= kTouchKeyEveryMs) {
    impl_->database->write([&](store::Session& session) { store::ApiKeys(session).touch(known.key.id, now); });
  }
  return known.actor;
}

Accounts::NewKey Accounts::create_api_key(const security::Actor& actor, store::ApiKeyRecord record) {
  check(record, impl_->now());
  auto minted = security::mint_api_key();
  record.id = minted.id;
  record.hash = minted.hash;
  record.created_ms = impl_->now();
  impl_->database->write([&](store::Session& session) {
    const auto owner = store::Users(session).find(record.user);
    if (!owner) throw store::not_found("user");
    const auto role = owner->server_admin ? std::optional(security::Role::kAdmin)
                                          : store::Memberships(session).role(record.tenant, record.user);
    if (!role || *role < record.role) {
      throw Error(ErrorCode::kForbidden, "A key cannot have more rights than its owner has in the tenant.",
                  {.field = "role"});
    }
    const auto of_server = [](const auto& scope) { return security::is_of_server(*security::permission_from(scope)); };
    if (!owner->server_admin && std::any_of(record.scopes.begin(), record.scopes.end(), of_server)) {
      throw Error(ErrorCode::kForbidden, "Rights of the server are a server administrator's.", {.field = "scopes"});
    }
    store::ApiKeys(session).insert(record);
    impl_->audit_in(session, record.tenant, actor, "api_key.create", "api-key/" + record.id, "ok");
  });
  return {record, std::move(minted.whole)};
}

void Accounts::revoke_api_key(const security::Actor& actor, const std::string& tenant, const std::string& id) {
  impl_->database->write([&](store::Session& session) {
    store::ApiKeys(session).revoke(tenant, id, impl_->now());
    impl_->audit_in(session, tenant, actor, "api_key.revoke", "api-key/" + id, "ok");
  });
}

}  // namespace millrace::access
