#include "access/accounts_impl.hpp"
#include "store/outcome.hpp"
#include "store/tenants.hpp"

namespace millrace::access {
namespace {

/// A session is noted as seen this often at most: a write a request would cost more than the request.
constexpr std::int64_t kTouchSessionEveryMs = 60'000;

/// The beginning of the stored hash: enough to tell sessions apart, and of no use as a token.
std::string session_id(const store::SessionRecord& record) {
  constexpr std::size_t kDigits = 22;
  return record.token_hash.substr(0, kDigits);
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
  if (!known || known->user.disabled || !lives(known->session)) throw Impl::unknown();
  return *known;
}

bool Accounts::Impl::lives(const store::SessionRecord& session) const {
  const auto moment = now();
  return session.expires_ms > moment && session.seen_ms + settings.sessions.idle.count() > moment;
}

SignedIn Accounts::Impl::move_session(store::Session& session, const Known& known, const Client& client) const {
  SignedIn signed_in{security::new_session_token(), {}, known.user, known.session.tenant};
  signed_in.csrf = security::csrf_token(signed_in.token.reveal());
  store::Sessions sessions(session);
  // Of two that move it at once one finds the session; the absolute end stays what it was.
  if (!sessions.remove(known.session.token_hash)) throw Impl::unknown();
  auto record = known.session;
  record.token_hash = security::session_hash(signed_in.token.reveal());
  record.seen_ms = now();
  record.address = client.address;
  sessions.insert(record);
  return signed_in;
}

security::Actor Accounts::Impl::actor_of(const Known& known, const Client& client) const {
  security::Actor actor;
  actor.user_id = known.user.id;
  actor.user_name = known.user.name;
  actor.server_admin = known.user.server_admin;
  actor.address = client.address;
  const auto& tenant = known.session.tenant;
  if (!tenant.empty()) {
    database->read([&](store::Session& session) {
      // One that was removed meanwhile is none.
      if (store::Tenants(session).find(tenant)) actor.tenant = tenant;
      actor.role = store::Memberships(session).role(tenant, known.user.id);
    });
  }
  return actor;
}

security::Actor Accounts::by_session(const std::string& token, const Client& client) {
  const auto known = impl_->require_session(token);
  auto actor = impl_->actor_of(known, client);
  if (const auto now = impl_->now(); now - known.session.seen_ms >= kTouchSessionEveryMs) {
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
  return impl_->database->write([&](store::Session& session) { return impl_->move_session(session, known, client); });
}

SignedIn Accounts::choose_tenant(const std::string& token, const std::string& tenant, const Client& client) {
  auto known = impl_->require_session(token);
  return impl_->database->write([&](store::Session& session) {
    const bool visible = store::Memberships(session).role(tenant, known.user.id).has_value() ||
                         (known.user.server_admin && store::Tenants(session).find(tenant).has_value());
    if (!visible) throw store::not_found("tenant");
    known.session.tenant = tenant;
    return impl_->move_session(session, known, client);
  });
}

std::vector<Accounts::OwnSession> Accounts::own_sessions(const std::string& token) {
  const auto known = impl_->require_session(token);
  const auto records =
      impl_->database->read([&](store::Session& session) { return store::Sessions(session).of_user(known.user.id); });
  std::vector<OwnSession> all;
  for (const auto& record : records) {
    if (!impl_->lives(record)) continue;
    all.push_back({session_id(record), record.token_hash == known.session.token_hash, record});
  }
  return all;
}

void Accounts::end_own_session(const security::Actor& actor, const std::string& id) {
  impl_->database->write([&](store::Session& session) {
    store::Sessions sessions(session);
    for (const auto& record : sessions.of_user(actor.user_id)) {
      if (session_id(record) != id || !sessions.remove(record.token_hash)) continue;
      impl_->audit(session, actor, "session.end", "user/" + actor.user_id, "ok");
      return;
    }
    throw store::not_found("session");
  });
}

bool Accounts::still_allowed(const std::string& session_token, const std::string& api_key, const std::string& tenant,
                             security::Permission permission) {
  try {
    const auto actor = api_key.empty() ? impl_->actor_of(impl_->require_session(session_token), {})
                                       : impl_->require_key(api_key, {}).actor;
    return actor.tenant == tenant && security::allowed(actor, permission);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kUnauthenticated) return false;
    throw;
  }
}

}  // namespace millrace::access
