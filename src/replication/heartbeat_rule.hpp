#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "support/ids.hpp"

namespace millrace::replication {

/// When a heartbeat is worth what it costs: each one is a record of WAL that wakes every reader of the source's WAL. On
/// a source that writes nothing, nothing piles up behind a slot. Not thread-safe.
class HeartbeatRule {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::uint64_t kBytes = 64U << 10U;  ///< of WAL since the last one
  static constexpr std::chrono::seconds kLongestSilence{300};

  /// `written`: the source's WAL position.
  bool due(Lsn written, Clock::time_point now) const {
    return !at_ || written.value() - position_.value() >= kBytes || now - *at_ >= kLongestSilence;
  }
  /// One was written; `written`: the position behind it.
  void beaten(Lsn written, Clock::time_point now) {
    position_ = written;
    at_ = now;
  }

 private:
  Lsn position_;
  std::optional<Clock::time_point> at_;  ///< none: not yet
};

}  // namespace millrace::replication
