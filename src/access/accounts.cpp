#include "access/accounts.hpp"

#include "access/accounts_impl.hpp"

#include <algorithm>

#include "security/random.hpp"
#include "store/outcome.hpp"
#include "store/tenants.hpp"
#include "support/utf16.hpp"

namespace millrace::access {
namespace {

/// Sign-in names go into logs, audit lines and URLs: no control characters, no spaces. No colons: "local:<uid>" is
/// how the command line's own user is written down.
void check_user_name(const std::string& name) {
  const bool fits =
      !name.empty() && characters(name) <= kLongestName &&
      std::all_of(name.begin(), name.end(), [](unsigned char c) { return c > ' ' && c != 0x7F && c != ':'; });
  if (!fits) {
    throw Error(ErrorCode::kUsage,
                "A user's name is 1 to 100 characters without spaces, colons and control characters.",
                {.field = "name"});
  }
}

/// Enough administrators must stay for somebody to let others in.
void require_other_admin(store::Session& session, const store::UserRecord& user) {
  if (user.server_admin && !user.disabled && store::Users(session).count_server_admins() <= 1) {
    throw Error(ErrorCode::kObjectInUse, "The last server administrator must stay.");
  }
}

/// A text as JSON has it; names hold no control characters.
std::string json_text(const std::string& text) {
  std::string json = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') json += '\\';
    json += c;
  }
  return json + '"';
}

std::string described(const Accounts::UserChange& change) {
  std::string members;
  const auto add = [&](const char* name, bool value) {
    members += (members.empty() ? "\"" : ",\"") + std::string(name) + "\":" + (value ? "true" : "false");
  };
  if (change.email) add("email", true);
  if (change.server_admin) add("serverAdmin", *change.server_admin);
  if (change.disabled) add("disabled", *change.disabled);
  if (change.unlink_oidc) add("oidcLinked", false);
  return "{" + members + "}";
}

}  // namespace

Accounts::Accounts(std::shared_ptr<store::Database> database, Settings settings)
    : impl_(std::make_shared<Impl>(std::move(database), std::move(settings))) {}

bool Accounts::make_first_admin(const std::string& name, const Secret& password) {
  if (impl_->any_user()) return false;
  check_user_name(name);
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
                                        bool server_admin, const std::string& email,
                                        const std::vector<store::Membership>& memberships) {
  check_user_name(name);
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
    for (auto membership : memberships) {
      membership.user = user.id;
      impl_->put_member(session, actor, membership);
    }
    impl_->audit(session, actor, "user.create", "user/" + user.id, "ok", "",
                 R"({"name":)" + json_text(user.name) + "}");
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

store::UserRecord Accounts::change_user(const security::Actor& actor, const std::string& user, const UserChange& change,
                                        std::optional<std::int64_t> revision) {
  return impl_->database->write([&](store::Session& session) {
    // The audit log's head is locked first: two who disable each other come one after the other.
    const auto action = !change.disabled ? "user.change" : *change.disabled ? "user.disable" : "user.enable";
    impl_->audit(session, actor, action, "user/" + user, "ok", "", described(change));
    store::Users users(session);
    auto record = users.find(user);
    if (!record) throw store::not_found("user");
    const bool leaves = change.disabled.value_or(false) || !change.server_admin.value_or(true);
    if (leaves) require_other_admin(session, *record);
    record->email = change.email.value_or(record->email);
    record->server_admin = change.server_admin.value_or(record->server_admin);
    record->disabled = change.disabled.value_or(record->disabled);
    if (change.unlink_oidc) record->oidc_subject.clear();
    record->updated_ms = impl_->now();
    users.update(*record, revision);
    if (change.disabled.value_or(false) || change.unlink_oidc) store::Sessions(session).remove_of_user(user);
    return users.find(user).value();
  });
}

void Accounts::remove_user(const security::Actor& actor, const std::string& user,
                           std::optional<std::int64_t> revision) {
  impl_->database->write([&](store::Session& session) {
    impl_->audit(session, actor, "user.remove", "user/" + user, "ok");
    store::Users users(session);
    const auto record = users.find(user);
    if (!record) throw store::not_found("user");
    store::require_revision(record->revision, revision, "user");
    require_other_admin(session, *record);
    users.remove(user);
  });
}

void Accounts::put_member(const security::Actor& actor, const store::Membership& membership) {
  impl_->database->write([&](store::Session& session) { impl_->put_member(session, actor, membership); });
}

void Accounts::change_member(const security::Actor& actor, const store::Membership& membership) {
  impl_->database->write([&](store::Session& session) {
    if (!store::Memberships(session).role(membership.tenant, membership.user)) throw store::not_found("member");
    impl_->put_member(session, actor, membership);
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
