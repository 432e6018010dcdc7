#pragma once

#include <cstdint>
#include <string>

#include "store/sql.hpp"

namespace millrace::store {

/// The answer that was given to a request with an Idempotency-Key.
struct StoredAnswer {
  int status = 0;
  std::string headers = {};  ///< JSON object
  std::string body = {};
};

/// Keys are of one tenant and actor; kept for 24 h.
class IdempotencyKeys {
 public:
  static constexpr std::int64_t kKeptMs = 24LL * 60 * 60 * 1000;

  explicit IdempotencyKeys(Session& session) : session_(session) {}

  struct Claim {
    enum class State {
      kFirst,     ///< do the work, then call complete() or release()
      kInFlight,  ///< another request with the key is being worked on: 409
      kMismatch,  ///< the key came with another request: 422
      kDone       ///< answer as before
    };
    State state = State::kFirst;
    StoredAnswer answer = {};
  };
  /// `fingerprint`: hash of method, path and body. A claim in flight for more than 10 minutes is taken over: its
  /// server is gone.
  Claim claim(const std::string& tenant, const std::string& actor, const std::string& key,
              const std::string& fingerprint, std::int64_t now_ms);
  void complete(const std::string& tenant, const std::string& actor, const std::string& key,
                const StoredAnswer& answer);
  /// The work failed in a way that may be tried again under the same key.
  void release(const std::string& tenant, const std::string& actor, const std::string& key);
  std::int64_t purge(std::int64_t now_ms);

 private:
  Session& session_;
};

}  // namespace millrace::store
