#include "access/accounts.hpp"

#include "access/accounts_impl.hpp"

#include <algorithm>

#include "security/random.hpp"
#include "store/outcome.hpp"
#include "store/tenants.hpp"

namespace millrace::access {
namespace {

constexpr std::size_t kLongestName = 100;

/// Sign-in names go into logs, audit lines and URLs: no control characters, no spaces. No colons: "local:<uid>" is
/// how the command line's own user is written down.
void check_name(const std::string& name) {
  const bool fits =
      !name.empty() && name.size() <= kLongestName &&
      std::all_of(name.begin(), name.end(), [](unsigned char c) { return c > ' ' && c != 0x7F && c != ':'; });
  if (!fits) {
    throw Error(ErrorCode::kUsage, "A user's name is 1 to 100 bytes without spaces, colons and control characters.",
                {.field = "name"});
  }
}

/// Enough administrators must stay for somebody to let others in.
void require_other_admin(store::Session& session, const store::UserRecord& user) {
  if (user.server_admin && !user.disabled && store::Users(session).count_server_admins() <= 1) {
    throw Error(ErrorCode::kObjectInUse, "The last server administrator must stay.");
  }
}

}  // namespace

Accounts::Accounts(std::shared_ptr<store::Database> database, Settings settings)
    : impl_(std::make_shared<Impl>(std::move(database), std::move(settings))) {}

bool Accounts::make_first_admin(const std::string& name, const Secret& password) {
  if (impl_->any_user()) return false;
  check_name(name);
  security::check_new_password(password, name);
  const auto hash = security::hash_password(password, impl_->settings.cost);
  try {
    return impl_->database->write([&](store::Session& session) {
      // Looked at again under the head's lock of the audit log, so that two servers that start at once make one.
      impl_->audit(session, {}, "user.create", "user/" + name, "ok", "", R"({"first":true})");
      store::Users users(session);
      if (!users.list({.size = 1}).items.empty()) throw Impl::NotFirst();
      store::UserRecord user{.id = security::new_id(), .name = name, .password_hash = hash, .server_admin = true};
      user.created_ms = impl_->now();
      users.insert(user);
      store::Memberships(session).put({store::kDefaultTenant, user.id, security::Role::kAdmin});
      return true;
    });
  } catch (const Impl::NotFirst&) {
    return false;
  }
}

store::UserRecord Accounts::create_user(const security::Actor& actor, const std::string& name, const Secret& password,
                                        bool server_admin, const std::string& email) {
  check_name(name);
  // Without a password a user signs in by the identity provider alone.
  std::string hash;
  if (!password.empty()) {
    security::check_new_password(password, name);
    hash = security::hash_password(password, impl_->settings.cost);
  }
  return impl_->database->write([&](store::Session& session) {
    store::UserRecord user{.id = security::new_id(), .name = name, .email = email, .password_hash = hash};
    user.server_admin = server_admin;
    user.created_ms = impl_->now();
    store::Users(session).insert(user);
    impl_->audit(session, actor, "user.create", "user/" + user.id, "ok");
    return store::Users(session).find(user.id).value();
  });
}

void Accounts::set_password(const security::Actor& actor, const std::string& user, const Secret& password,
                            const std::string& keep_token) {
  const auto record = impl_->require_user(user);
  security::check_new_password(password, record.name);
  const auto hash = security::hash_password(password, impl_->settings.cost);
  impl_->database->write([&](store::Session& session) {
    store::Users(session).set_password(user, hash, impl_->now());
    store::Sessions(session).remove_of_user(user, keep_token.empty() ? "" : security::session_hash(keep_token));
    store::LoginThrottle(session).clear("account", record.name);
    impl_->audit(session, actor, "user.set_password", "user/" + user, "ok");
  });
}

void Accounts::disable_user(const security::Actor& actor, const std::string& user, bool disabled) {
  impl_->database->write([&](store::Session& session) {
    // The audit log's head is locked first: two who disable each other come one after the other.
    impl_->audit(session, actor, disabled ? "user.disable" : "user.enable", "user/" + user, "ok");
    store::Users users(session);
    auto record = users.find(user);
    if (!record) throw store::not_found("user");
    if (disabled) require_other_admin(session, *record);
    record->disabled = disabled;
    record->updated_ms = impl_->now();
    users.update(*record);
    if (disabled) store::Sessions(session).remove_of_user(user);
  });
}

void Accounts::remove_user(const security::Actor& actor, const std::string& user) {
  impl_->database->write([&](store::Session& session) {
    impl_->audit(session, actor, "user.remove", "user/" + user, "ok");
    store::Users users(session);
    const auto record = users.find(user);
    if (!record) throw store::not_found("user");
    require_other_admin(session, *record);
    users.remove(user);
  });
}

void Accounts::put_member(const security::Actor& actor, const store::Membership& membership) {
  impl_->database->write([&](store::Session& session) {
    store::Memberships(session).put(membership);
    impl_->audit_in(session, membership.tenant, actor, "member.put", "user/" + membership.user, "ok", "",
                    R"({"role":")" + std::string(security::to_word(membership.role)) + "\"}");
  });
}

void Accounts::remove_member(const security::Actor& actor, const std::string& tenant, const std::string& user) {
  impl_->database->write([&](store::Session& session) {
    if (!store::Memberships(session).remove(tenant, user)) throw store::not_found("member");
    impl_->audit_in(session, tenant, actor, "member.remove", "user/" + user, "ok");
  });
}

void Accounts::purge() {
  const auto now = impl_->now();
  impl_->database->write([&](store::Session& session) {
    store::Sessions(session).purge(now, now - impl_->settings.sessions.idle.count());
    store::LoginThrottle(session).purge(now - security::kAccountThrottle.forget_after.count());
  });
}

}  // namespace millrace::access
