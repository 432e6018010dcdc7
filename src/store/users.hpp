#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "security/roles.hpp"
#include "store/page.hpp"
#include "store/sql.hpp"

namespace millrace::store {

struct UserRecord {
  std::string id;             ///< security::new_id()
  std::string name;           ///< sign-in name, unique, compared in lower case
  std::string email;          ///< may be empty
  std::string password_hash;  ///< security::hash_password; empty: cannot sign in by password
  std::string oidc_subject;   ///< "issuer|sub" of the identity provider, unique; empty: none
  bool server_admin = false;
  bool disabled = false;
  std::int64_t created_ms = 0;
  std::int64_t updated_ms = 0;
  std::int64_t password_ms = 0;  ///< when the password was set
  std::int64_t revision = 1;
};

/// Users are of the whole server; memberships say what each may do in a tenant.
class Users {
 public:
  explicit Users(Session& session) : session_(session) {}

  /// Throws Error kObjectExists when the name or the subject is taken.
  void insert(const UserRecord& user);
  /// Writes everything but id, created_ms and password. With `revision`: only when it still has that one.
  /// Throws Error kObjectNotFound, kObjectChanged, kObjectExists.
  void update(const UserRecord& user, std::optional<std::int64_t> revision = {});
  /// For a new password; for a stronger hash of the same one say `same_password`: it is no change to be seen.
  void set_password(const std::string& id, const std::string& hash, std::int64_t now_ms, bool same_password = false);
  /// With sessions, memberships and API keys. Throws Error kObjectNotFound.
  void remove(const std::string& id);
  std::optional<UserRecord> find(const std::string& id);
  std::optional<UserRecord> find_by_name(const std::string& name);
  std::optional<UserRecord> find_by_subject(const std::string& oidc_subject);
  /// Addresses are compared in lower case; several users may have one.
  std::vector<UserRecord> find_by_email(const std::string& email);
  /// By name.
  PageOf<UserRecord> list(const PageRequest& request);
  /// Enabled server administrators: the last one must stay.
  std::int64_t count_server_admins();

 private:
  Session& session_;
};

struct Membership {
  std::string tenant;
  std::string user;  ///< id
  security::Role role = security::Role::kViewer;
  std::string tenant_name = {};  ///< filled by reads
  std::string user_name = {};    ///< filled by reads
};

class Memberships {
 public:
  explicit Memberships(Session& session) : session_(session) {}

  /// Adds or replaces. Throws Error kObjectNotFound when tenant or user is not there.
  void put(const Membership& membership);
  /// False: there was none.
  bool remove(const std::string& tenant, const std::string& user);
  std::optional<security::Role> role(const std::string& tenant, const std::string& user);
  /// The tenants of a user, by tenant name.
  std::vector<Membership> of_user(const std::string& user);
  /// The members of a tenant, by user name.
  PageOf<Membership> of_tenant(const std::string& tenant, const PageRequest& request);

 private:
  Session& session_;
};

}  // namespace millrace::store
