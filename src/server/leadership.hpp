#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "store/database.hpp"

namespace millrace::server {

/// Which of several servers on one PostgreSQL store runs the pipelines: the one that holds the lease "supervisor". When
/// it is gone another has it within 15 s. A SQLite store has one server, which always leads. Not thread-safe.
class Leadership {
 public:
  explicit Leadership(std::shared_ptr<store::Database> database);
  /// Gives it back, so that another need not wait. Whatever it stood for must have ended.
  ~Leadership();
  Leadership(const Leadership&) = delete;
  Leadership& operator=(const Leadership&) = delete;

  /// Takes it, or keeps it; to be called every second or so. False: another leads, or may lead by now because the
  /// store was out of reach for too long.
  bool keep();

 private:
  std::shared_ptr<store::Database> database_;
  std::string holder_;
  std::optional<std::int64_t> fence_;
  std::chrono::steady_clock::time_point renewed_{};
};

}  // namespace millrace::server
