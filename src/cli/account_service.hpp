#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "cli/server_contexts.hpp"
#include "support/secret.hpp"

namespace millrace::cli {

struct NewUser {
  std::string name;
  Secret password;
  std::string email;
  std::string role;  ///< viewer | operator | admin of the tenant that is worked in; empty: no member
  bool server_admin = false;
};

struct NewApiKey {
  std::string user;  ///< sign-in name of the owner
  std::string name;  ///< what it is for
  std::string role;
  std::vector<std::string> scopes;
  int days = 0;  ///< 0: without end
};

/// Who signs in to a server for what no API key may do there.
struct Administrator {
  std::string name;                  ///< empty: nobody was named
  std::function<Secret()> password;  ///< asked once, when it is needed
};

/// Users, API keys and the audit log, of a data directory or of a server. Answers are the API's documents (User,
/// ApiKey, MadeApiKey, AuditReport). Methods throw as access::Accounts does; through a server also Error
/// kServerUnreachable, kUnauthenticated and kForbidden. Not thread-safe.
class AccountService {
 public:
  virtual ~AccountService() = default;

  virtual nlohmann::ordered_json add_user(const NewUser& user, const std::stop_token& stop) = 0;
  virtual std::vector<nlohmann::ordered_json> users(const std::stop_token& stop) = 0;
  /// Throws Error kObjectNotFound.
  virtual void set_password(const std::string& user, const Secret& password, const std::stop_token& stop) = 0;
  /// A server makes a key for somebody who signs in, never for a key: `password` is asked for there.
  virtual nlohmann::ordered_json create_key(const NewApiKey& key, const std::function<Secret()>& password,
                                            const std::stop_token& stop) = 0;
  /// Of the tenant; through a server only one's own, unless one may see all.
  virtual std::vector<nlohmann::ordered_json> keys(const std::stop_token& stop) = 0;
  virtual void revoke_key(const std::string& id, const std::stop_token& stop) = 0;
  /// `expected`: a head that an earlier call gave; empty: none.
  virtual nlohmann::ordered_json verify_audit(const std::string& expected, const std::stop_token& stop) = 0;
};

/// `store`: postgres://.. when the store is not in the data directory; else empty. Throws as manager::open_workspace
/// does.
std::unique_ptr<AccountService> local_accounts(const std::string& data_dir, const std::string& store);
/// Asks nothing yet. Users and the check of the audit log are an administrator's: without one these throw Error kUsage.
/// Throws as the constructor of ServerClient does.
std::unique_ptr<AccountService> remote_accounts(const ServerContext& server, Administrator administrator);

}  // namespace millrace::cli
