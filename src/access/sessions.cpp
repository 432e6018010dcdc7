#include "access/accounts_impl.hpp"
#include "security/random.hpp"
#include "store/outcome.hpp"
#include "store/tenants.hpp"

namespace millrace::access {
namespace {

/// A session is noted as seen this often at most: a write a request would cost more than the request.
constexpr std::int64_t kTouchEveryMs = 60'000;

Error unknown() {
  return Error(ErrorCode::kUnauthenticated, "The session or key is not valid, or has run out.");
}

}  // namespace

Accounts::Impl::Known Accounts::Impl::require_session(const std::string& token) const {
  const auto known = database->read([&](store::Session& session) -> std::optional<Known> {
    const auto record = store::Sessions(session).find(security::session_hash(token));
    if (!record) return std::nullopt;
    const auto user = store::Users(session).find(record->user);
    if (!user) return std::nullopt;
    return Known{*record, *user};
  });
  const auto moment = now();
  if (!known || known->user.disabled || known->session.expires_ms <= moment ||
      known->session.seen_ms + settings.sessions.idle.count() <= moment) {
    throw unknown();
  }
  return *known;
}

security::Actor Accounts::by_session(const std::string& token, const Client& client, const std::string& tenant) {
  const auto known = impl_->require_session(token);
  security::Actor actor;
  actor.user_id = known.user.id;
  actor.user_name = known.user.name;
  actor.server_admin = known.user.server_admin;
  actor.address = client.address;
  actor.tenant = tenant.empty() ? known.session.tenant : tenant;
  if (!actor.tenant.empty()) {
    actor.role = impl_->database->read(
        [&](store::Session& session) { return store::Memberships(session).role(actor.tenant, known.user.id); });
  }
  if (const auto now = impl_->now(); now - known.session.seen_ms >= kTouchEveryMs) {
    impl_->database->write(
        [&](store::Session& session) { store::Sessions(session).touch(known.session.token_hash, now); });
  }
  return actor;
}

void Accounts::sign_out(const std::string& token, const Client& client) {
  impl_->database->write([&](store::Session& session) {
    const auto hash = security::session_hash(token);
    const auto record = store::Sessions(session).find(hash);
    if (!record) return;
    store::Sessions(session).remove(hash);
    const auto user = store::Users(session).find(record->user);
    security::Actor actor;
    actor.user_name = user ? user->name : "";
    impl_->audit(session, actor, "session.sign_out", "user/" + record->user, "ok", client.address);
  });
}

SignedIn Accounts::rotate(const std::string& token, const Client& client) {
  const auto known = impl_->require_session(token);
  SignedIn signed_in{security::new_session_token(), {}, known.user, known.session.tenant};
  signed_in.csrf = security::csrf_token(signed_in.token.reveal());
  impl_->database->write([&](store::Session& session) {
    store::Sessions sessions(session);
    // Of two rotations at once one finds the session; the absolute end stays what it was.
    if (!sessions.remove(known.session.token_hash)) throw unknown();
    auto record = known.session;
    record.token_hash = security::session_hash(signed_in.token.reveal());
    record.seen_ms = impl_->now();
    record.address = client.address;
    sessions.insert(record);
  });
  return signed_in;
}

void Accounts::choose_tenant(const std::string& token, const std::string& tenant) {
  const auto known = impl_->require_session(token);
  impl_->database->write([&](store::Session& session) {
    const bool visible = store::Memberships(session).role(tenant, known.user.id).has_value() ||
                         (known.user.server_admin && store::Tenants(session).find(tenant).has_value());
    if (!visible) throw store::not_found("tenant");
    store::Sessions(session).choose_tenant(known.session.token_hash, tenant);
  });
}

security::Actor Accounts::by_api_key(const std::string& key, const Client& client) {
  const auto parsed = security::parse_api_key(key);
  if (!parsed) throw unknown();
  struct Found {
    store::ApiKeyRecord key;
    store::UserRecord user;
    std::optional<security::Role> role;
  };
  const auto found = impl_->database->read([&](store::Session& session) -> std::optional<Found> {
    const auto record = store::ApiKeys(session).find_any(parsed->id);
    if (!record) return std::nullopt;
    const auto user = store::Users(session).find(record->user);
    if (!user) return std::nullopt;
    return Found{*record, *user, store::Memberships(session).role(record->tenant, record->user)};
  });
  const auto now = impl_->now();
  // Every reason is looked at only after the secret was compared: who has not got it learns nothing.
  const bool right = found && security::equal_in_constant_time(found->key.hash, parsed->hash);
  if (!right || found->user.disabled || found->key.revoked_ms ||
      (found->key.expires_ms && *found->key.expires_ms <= now)) {
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
      if (const auto permission = security::permission_from(scope)) actor.scopes->insert(*permission);
    }
  }
  if (now - found->key.last_used_ms.value_or(0) >= kTouchEveryMs) {
    impl_->database->write([&](store::Session& session) { store::ApiKeys(session).touch(found->key.id, now); });
  }
  return actor;
}

}  // namespace millrace::access
