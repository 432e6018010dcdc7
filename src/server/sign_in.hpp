#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "support/secret.hpp"

namespace millrace::server {

/// The server's one administrator and the sessions of those who signed in as them. The password is kept as an argon2id
/// hash in `data_dir`/admin.hash; sessions are kept in memory, as hashes of their tokens: idle for 30 minutes or
/// 12 hours old, or after a restart, they are over. Thread-safe.
class SignIn {
 public:
  static constexpr const char* kUser = "admin";

  /// Throws Error kStore when the hash cannot be read.
  explicit SignIn(std::filesystem::path data_dir);

  bool has_password() const;
  /// Throws Error kPasswordWeak for less than 12 bytes, kStore.
  void set_password(const Secret& password);

  struct Session {
    Secret token;
    std::string csrf;  ///< to be sent in X-CSRF-Token with every write
  };
  /// Throws Error kSignIn, the same for an unknown user and a wrong password, after the same time; kThrottled after
  /// five failures from an address, with waits that double up to 15 minutes.
  Session sign_in(const std::string& user, const Secret& password, const std::string& address);
  void sign_out(const std::string& token);
  /// The CSRF token of a live session. Throws Error kUnauthenticated.
  std::string check(const std::string& token);

 private:
  using Clock = std::chrono::steady_clock;
  struct Live {
    std::string csrf;
    Clock::time_point begun;
    Clock::time_point seen;
  };
  struct Failures {
    int count = 0;
    Clock::time_point blocked_until;
  };

  std::filesystem::path file_;
  std::string hash_;
  mutable std::mutex mutex_;
  std::map<std::string, Live> sessions_;
  std::map<std::string, Failures> failures_;
};

/// 32 random bytes, URL-safe base64.
Secret random_text();

}  // namespace millrace::server
