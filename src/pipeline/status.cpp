#include "pipeline/status.hpp"

namespace millrace::pipeline {

const char* to_string(State state) {
  switch (state) {
    case State::kCreating:
      return "CREATING";
    case State::kRunning:
      return "RUNNING";
    case State::kPaused:
      return "PAUSED";
    case State::kDegraded:
      return "DEGRADED";
    case State::kStopped:
      return "STOPPED";
    case State::kFailed:
      return "FAILED";
    case State::kUnknown:
      return "UNKNOWN";
    case State::kDeleting:
      return "DELETING";
  }
  return "UNKNOWN";
}

}  // namespace millrace::pipeline
