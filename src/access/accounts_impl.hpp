#pragma once

#include <exception>
#include <memory>
#include <string>

#include "access/accounts.hpp"
#include "store/audit_log.hpp"
#include "store/login_throttle.hpp"

namespace millrace::access {

/// In characters: of users, tenants and keys.
inline constexpr std::size_t kLongestName = 100;

/// What the parts of Accounts share. Internal to the room.
struct Accounts::Impl {
  Impl(std::shared_ptr<store::Database> store, Settings how);

  /// Another server made the first administrator at the same moment.
  struct NotFirst : std::exception {};

  std::int64_t now() const;
  bool any_user() const;
  store::UserRecord require_user(const std::string& id) const;

  /// A line of the server as a whole; last in a transaction, or first where the order of commits decides.
  void audit(store::Session& session, const security::Actor& actor, const std::string& action,
             const std::string& object, const std::string& outcome, const std::string& address = {},
             const std::string& details = {}) const;
  /// A line of a tenant.
  void audit_in(store::Session& session, const std::string& tenant, const security::Actor& actor,
                const std::string& action, const std::string& object, const std::string& outcome,
                const std::string& address = {}, const std::string& details = {}) const;

  /// Somebody who is not known to be a user, for the log: in lower case, cut, without control characters, since anybody
  /// may send anything.
  static security::Actor named(const std::string& name, const Client& client);

  /// With its line in the tenant's part of the log. Throws Error kObjectNotFound.
  void put_member(store::Session& session, const security::Actor& actor, const store::Membership& membership) const;

  /// Checks a password under the throttle; counts a failure and writes it down. Throws Error kSignIn, kThrottled.
  store::UserRecord check_password(const std::string& name, const Secret& password, const Client& client,
                                   const std::string& action) const;
  SignedIn begin_session(const store::UserRecord& user, const Client& client, const std::string& old_token,
                         const std::string& action) const;
  /// The session and its user. Throws Error kUnauthenticated.
  struct Known {
    store::SessionRecord session;
    store::UserRecord user;
  };
  Known require_session(const std::string& token) const;
  /// In the workspace that the session has chosen, if that is still there.
  security::Actor actor_of(const Known& known, const Client& client) const;
  struct KnownKey {
    store::ApiKeyRecord key;
    security::Actor actor;
  };
  /// Throws Error kUnauthenticated.
  KnownKey require_key(const std::string& key, const Client& client) const;
  /// The one answer to what is no session and no key.
  static Error unknown() {
    return Error(ErrorCode::kUnauthenticated, "The session or key is not valid, or has run out.");
  }
  /// Whether it has not run out, by either limit.
  bool lives(const store::SessionRecord& session) const;
  /// The session under a new token. Throws Error kUnauthenticated when it is gone.
  SignedIn move_session(store::Session& session, const Known& known, const Client& client) const;

  std::shared_ptr<store::Database> database;
  Settings settings;
};

}  // namespace millrace::access
