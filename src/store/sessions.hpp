#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "store/sql.hpp"

namespace millrace::store {

/// A signed-in browser. The token itself is never stored.
struct SessionRecord {
  std::string token_hash;  ///< security::hash_token of the cookie's token
  std::string user;        ///< id
  std::string tenant;      ///< the workspace it looks at; empty: none chosen
  std::int64_t created_ms = 0;
  std::int64_t seen_ms = 0;
  std::int64_t expires_ms = 0;  ///< absolute end
  std::string address = {};
  std::string agent = {};  ///< user agent, cut to 200 bytes
};

class Sessions {
 public:
  explicit Sessions(Session& session) : session_(session) {}

  void insert(const SessionRecord& record);
  /// A stored session, whether or not it has run out: access::Accounts decides.
  std::optional<SessionRecord> find(const std::string& token_hash);
  void touch(const std::string& token_hash, std::int64_t seen_ms);
  void choose_tenant(const std::string& token_hash, const std::string& tenant);
  bool remove(const std::string& token_hash);
  /// Ends all sessions of a user, but `keep_hash` (may be empty): after a password change. The number ended.
  std::int64_t remove_of_user(const std::string& user, const std::string& keep_hash = {});
  std::vector<SessionRecord> of_user(const std::string& user);
  /// Forgets what has run out: past the absolute end, or not seen since `idle_before_ms`.
  std::int64_t purge(std::int64_t now_ms, std::int64_t idle_before_ms);

 private:
  Session& session_;
};

}  // namespace millrace::store
