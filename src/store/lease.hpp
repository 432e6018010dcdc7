#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "store/sql.hpp"

namespace millrace::store {

/// A named lease that at most one holder has, by the store's clock: "supervisor" is held by the one server that runs
/// the pipelines. Every new holder gets a higher fence; what it writes under require() cannot be written any more
/// once another has taken over.
class Leases {
 public:
  explicit Leases(Session& session) : session_(session) {}

  /// Takes it when it is free, has run out or is `holder`'s already (then the fence stays). None: another has it.
  std::optional<std::int64_t> acquire(const std::string& name, const std::string& holder,
                                      std::chrono::milliseconds ttl);
  /// False: it was lost; stop what it stood for.
  bool renew(const std::string& name, const std::string& holder, std::int64_t fence, std::chrono::milliseconds ttl);
  /// Gives it back, so that another need not wait.
  void release(const std::string& name, const std::string& holder, std::int64_t fence);
  /// Throws Error kFenced unless `fence` is the newest; holds the row until the transaction ends.
  void require(const std::string& name, std::int64_t fence);

  struct State {
    std::string holder;
    std::int64_t fence = 0;
    bool live = false;
  };
  std::optional<State> find(const std::string& name);

 private:
  Session& session_;
};

}  // namespace millrace::store
