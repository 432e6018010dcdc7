#pragma once

#include <cstdint>
#include <string>

#include "security/throttle.hpp"
#include "store/sql.hpp"

namespace millrace::store {

/// Failed sign-ins of an account or an address; security/throttle.hpp decides what follows from them.
class LoginThrottle {
 public:
  explicit LoginThrottle(Session& session) : session_(session) {}

  /// All zero when nothing is known. Locks the row until the transaction ends.
  security::FailureCount read(const std::string& kind, const std::string& subject);
  void write(const std::string& kind, const std::string& subject, const security::FailureCount& count);
  void clear(const std::string& kind, const std::string& subject);
  /// Forgets what last failed before the moment.
  std::int64_t purge(std::int64_t before_ms);

 private:
  Session& session_;
};

}  // namespace millrace::store
