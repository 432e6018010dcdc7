#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <random>
#include <stop_token>

namespace millrace {

using Milliseconds = std::chrono::milliseconds;

/// Delays between attempts: `first`, doubled each time up to `cap`, each with full jitter in its upper half.
/// Not thread-safe: one per loop.
class Backoff {
 public:
  Backoff(Milliseconds first, Milliseconds cap, std::uint64_t seed = std::random_device{}());
  /// The next delay, at least half of the undisturbed one.
  Milliseconds next();
  void reset() { current_ = first_; }

 private:
  Milliseconds first_;
  Milliseconds cap_;
  Milliseconds current_;
  std::mt19937_64 random_;
};

/// Waiting that can be interrupted, and replaced in tests. Thread-safe.
class Pause {
 public:
  virtual ~Pause() = default;
  /// Waits up to `time`. Returns false when `stop` was requested before it was over.
  virtual bool wait(Milliseconds time, const std::stop_token& stop) = 0;
};

/// The real clock.
class ClockPause : public Pause {
 public:
  bool wait(Milliseconds time, const std::stop_token& stop) override;

 private:
  std::mutex mutex_;
  std::condition_variable_any changed_;
};

}  // namespace millrace
