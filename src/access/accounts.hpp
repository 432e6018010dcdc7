#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "security/passwords.hpp"
#include "security/roles.hpp"
#include "security/tokens.hpp"
#include "store/api_keys.hpp"
#include "store/database.hpp"
#include "store/sessions.hpp"
#include "store/tenants.hpp"
#include "store/users.hpp"
#include "support/secret.hpp"

namespace millrace::access {

/// Where a request came from.
struct Client {
  std::string address = {};
  std::string agent = {};
};

/// A new or rotated session. The token goes into the cookie and nowhere else.
struct SignedIn {
  Secret token;
  Secret csrf;
  store::UserRecord user;
  std::string tenant;  ///< the workspace that was chosen; empty: member of none
};

/// Whom an identity provider has signed in.
struct OidcIdentity {
  std::string subject = {};  ///< "issuer|sub": the one name that never becomes another's
  std::string name = {};     ///< that a new user gets; empty: the provider says none
  std::string email = {};
  bool email_verified = false;  ///< by the provider, which alone can say so
  bool name_is_email = false;   ///< the name is the address, and is worth as much
};

/// Which user an identity is.
struct OidcPolicy {
  bool link_by_email = true;  ///< the one user with the verified address, when no identity is linked to it yet
  bool create = false;        ///< a new one, member of `tenant`, when no user is it
  std::string tenant = store::kDefaultTenant;
  security::Role role = security::Role::kViewer;
};

/// Who is who: sign-in, sessions, API keys, and changes to users, each with its line in the audit log in the same
/// transaction. Thread-safe. Times are Unix milliseconds, by a clock that tests replace.
class Accounts {
 public:
  struct Settings {
    security::SessionLimits sessions = {};
    security::PasswordCost cost = {};
    std::function<std::int64_t()> now_ms = {};  ///< empty: the system's clock
  };
  explicit Accounts(std::shared_ptr<store::Database> database) : Accounts(std::move(database), Settings{}) {}
  Accounts(std::shared_ptr<store::Database> database, Settings settings);

  /// Makes the first administrator (server administrator, admin of the default tenant) when there is no user at all.
  /// False: there were users.
  bool make_first_admin(const std::string& name, const Secret& password);

  /// Throws Error kSignIn, the same for an unknown user, a wrong password and a disabled user, after the same time;
  /// kThrottled with the wait in the message after too many failures of the account or the address. A hash of a lower
  /// cost is made anew. An old session of the browser, if given, ends: the token rotates at sign-in.
  SignedIn sign_in(const std::string& name, const Secret& password, const Client& client,
                   const std::string& old_token = {});
  /// After an identity provider has said who it is: the user with this subject; else the one that the policy says, to
  /// whom the subject is linked for good. An unverified address links nothing, a name neither. Throws Error
  /// kOidcUnknownUser, kSignIn for a disabled user.
  SignedIn sign_in_oidc(const OidcIdentity& identity, const OidcPolicy& policy, const Client& client,
                        const std::string& old_token = {});
  /// Writes down that a sign-in by the identity provider failed before it was known who it is.
  void note_failed_oidc(const std::string& reason, const Client& client);
  void sign_out(const std::string& token, const Client& client);
  /// A new token for the same session: after a change of rights. Throws Error kUnauthenticated.
  SignedIn rotate(const std::string& token, const Client& client);

  /// Who a session's token stands for, in the tenant that it has chosen. Throws Error kUnauthenticated when it is
  /// unknown or has run out, or its user is disabled. Being no member of the tenant gives an actor without role, who
  /// may do nothing there; that the tenant is gone, one without tenant.
  security::Actor by_session(const std::string& token, const Client& client);
  /// Who "millrace_<id>_<secret>" stands for. The role is the lower of the key's and its owner's. Throws Error
  /// kUnauthenticated: unknown, wrong, run out, revoked, owner disabled, all with the same words.
  security::Actor by_api_key(const std::string& key, const Client& client);
  /// Remembers another workspace for the session, under a new token: what still holds the old one, as a page that
  /// shows the former workspace does, cannot write into the new one. Throws Error kObjectNotFound when the user may
  /// not see it.
  SignedIn choose_tenant(const std::string& token, const std::string& tenant, const Client& client);
  /// Whether the session or the key is still good for `permission` in `tenant`; for streams, which outlive the request
  /// that began them. Does not count as use.
  bool still_allowed(const std::string& session_token, const std::string& api_key, const std::string& tenant,
                     security::Permission permission);

  /// A session of a user, for the user's own eyes.
  struct OwnSession {
    std::string id;  ///< says nothing about the token
    bool current = false;
    store::SessionRecord record;
  };
  /// Those that have not run out, oldest first. `token`: the one that asks. Throws Error kUnauthenticated.
  std::vector<OwnSession> own_sessions(const std::string& token);
  /// Ends one of the user's own sessions by its id. Throws Error kObjectNotFound.
  void end_own_session(const security::Actor& actor, const std::string& id);

  /// Changes to users. `actor` is who does it, for the audit log; rights are the caller's to check.
  store::UserRecord create_user(const security::Actor& actor, const std::string& name, const Secret& password,
                                bool server_admin = false, const std::string& email = {},
                                const std::vector<store::Membership>& memberships = {});
  /// Ends all sessions of the user, but that of `keep_token`. Throws Error kObjectNotFound, kPasswordWeak.
  void set_password(const security::Actor& actor, const std::string& user, const Secret& password,
                    const std::string& keep_token = {});
  /// The user's own: the old password is asked for and throttled as at sign-in. Throws Error kSignIn, kThrottled.
  void change_own_password(const security::Actor& actor, const Secret& old_password, const Secret& new_password,
                           const std::string& keep_token = {});
  struct UserChange {
    std::optional<std::string> email = {};
    std::optional<bool> server_admin = {};
    std::optional<bool> disabled = {};  ///< ends all sessions of the user
    bool unlink_oidc = false;           ///< the identity that is linked is forgotten; ends all sessions too
  };
  /// With `revision`: only when the user still has that one. Throws Error kObjectInUse for the last server
  /// administrator, kObjectNotFound, kObjectChanged.
  store::UserRecord change_user(const security::Actor& actor, const std::string& user, const UserChange& change,
                                std::optional<std::int64_t> revision = {});
  void disable_user(const security::Actor& actor, const std::string& user, bool disabled) {
    change_user(actor, user, {.disabled = disabled});
  }
  void remove_user(const security::Actor& actor, const std::string& user, std::optional<std::int64_t> revision = {});
  /// Throws Error kObjectNotFound when tenant or user is not there.
  void put_member(const security::Actor& actor, const store::Membership& membership);
  /// Of somebody who is a member already. Throws Error kObjectNotFound.
  void change_member(const security::Actor& actor, const store::Membership& membership);
  void remove_member(const security::Actor& actor, const std::string& tenant, const std::string& user);

  struct NewKey {
    store::ApiKeyRecord record;
    Secret whole;  ///< shown once
  };
  /// For `record`'s tenant, user, name, role, scopes, expires_ms. Throws Error kUsage for an unknown scope or a time
  /// that is past, kForbidden for a role above the owner's.
  NewKey create_api_key(const security::Actor& actor, store::ApiKeyRecord record);
  void revoke_api_key(const security::Actor& actor, const std::string& tenant, const std::string& id);

  /// Names are 1 to 100 characters without control characters. Throw Error kUsage, kObjectExists, kObjectNotFound,
  /// kObjectChanged, and kObjectInUse for a tenant that still has pipelines.
  store::TenantRecord create_tenant(const security::Actor& actor, const std::string& name);
  store::TenantRecord rename_tenant(const security::Actor& actor, const std::string& tenant, const std::string& name,
                                    std::optional<std::int64_t> revision = {});
  void remove_tenant(const security::Actor& actor, const std::string& tenant,
                     std::optional<std::int64_t> revision = {});

  /// Forgets sessions and failure counts that have run out: to be called every few minutes.
  void purge();

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace millrace::access
