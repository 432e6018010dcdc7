#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "pipeline/status.hpp"

namespace millrace::server {

/// Decides when a connector that failed is restarted: at once, then after pauses that double from 10 s to 10 min. What
/// fails for the fourth time is no passing trouble any more: it is told as failed, and still tried. One that ran well
/// for five minutes begins anew. Pure: time is passed in. Not thread-safe.
class ConnectorCare {
 public:
  using Clock = std::chrono::steady_clock;

  struct Verdict {
    bool failed = false;                          ///< connector or task is FAILED
    bool restart = false;                         ///< to be restarted now
    bool hopeless = false;                        ///< failed again and again
    std::string root_cause;                       ///< of the failure
    std::optional<Clock::duration> next_attempt;  ///< how long until the next restart
  };
  Verdict look(const pipeline::ConnectorStatus& connector, Clock::time_point now);
  /// Restarts since it last ran well.
  int restarts() const { return restarts_; }

 private:
  int restarts_ = 0;
  Clock::time_point next_{};
  std::optional<Clock::time_point> well_since_;
};

}  // namespace millrace::server
