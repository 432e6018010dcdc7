#pragma once

#include <chrono>
#include <cstdint>

namespace millrace {

inline constexpr std::int64_t kMsPerS = 1000;

/// Milliseconds since 1970 UTC by the system's clock: what is stored. Never for measuring durations.
inline std::int64_t unix_ms() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

}  // namespace millrace
