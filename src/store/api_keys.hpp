#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "security/roles.hpp"
#include "store/page.hpp"
#include "store/sql.hpp"

namespace millrace::store {

/// An API key. It acts in one tenant, for one user, with at most that user's role there at the time of the request.
struct ApiKeyRecord {
  std::string id;                                 ///< the middle part of "millrace_<id>_<secret>"
  std::string tenant;                             ///< id
  std::string user;                               ///< id of the owner
  std::string name;                               ///< for people, unique for the owner in the tenant
  std::string hash;                               ///< security::hash_token of the secret part
  security::Role role = security::Role::kViewer;  ///< no more than this role's rights
  std::vector<std::string> scopes = {};           ///< names of permissions; empty: all of the role's
  std::int64_t created_ms = 0;
  std::optional<std::int64_t> expires_ms = {};
  std::optional<std::int64_t> last_used_ms = {};
  std::optional<std::int64_t> revoked_ms = {};
};

class ApiKeys {
 public:
  explicit ApiKeys(Session& session) : session_(session) {}

  /// Throws Error kObjectExists when the owner has a key of this name in the tenant.
  void insert(const ApiKeyRecord& key);
  /// Of any tenant: for authentication alone.
  std::optional<ApiKeyRecord> find_any(const std::string& id);
  std::optional<ApiKeyRecord> find(const std::string& tenant, const std::string& id);
  /// Marks it revoked; it stays listed. Throws Error kObjectNotFound.
  void revoke(const std::string& tenant, const std::string& id, std::int64_t now_ms);
  void touch(const std::string& id, std::int64_t now_ms);
  /// By (created, id); `user` narrows to one owner.
  PageOf<ApiKeyRecord> list(const std::string& tenant, const PageRequest& request,
                            const std::optional<std::string>& user = {});

 private:
  Session& session_;
};

}  // namespace millrace::store
