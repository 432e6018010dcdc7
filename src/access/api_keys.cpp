#include "access/accounts_impl.hpp"
#include "store/outcome.hpp"

namespace millrace::access {
namespace {

constexpr std::size_t kLongestName = 100;

void check(const store::ApiKeyRecord& key, std::int64_t now_ms) {
  if (key.name.empty() || key.name.size() > kLongestName) {
    throw Error(ErrorCode::kUsage, "A key's name is 1 to 100 bytes.", {.field = "name"});
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
