#pragma once

#include <chrono>
#include <cstdint>

namespace millrace::security {

/// Failed sign-ins of one account or one address.
struct FailureCount {
  std::int64_t failures = 0;
  std::int64_t first_ms = 0;  ///< of the count
  std::int64_t last_ms = 0;
  std::int64_t blocked_until_ms = 0;
};

/// After `free_failures` each further failure blocks, first for `first_block`, then twice as long each time up to
/// `longest_block`. A count is forgotten when nothing failed for `forget_after`.
struct ThrottlePolicy {
  std::int64_t free_failures;
  std::chrono::milliseconds first_block = std::chrono::seconds(1);
  std::chrono::milliseconds longest_block = std::chrono::minutes(15);
  std::chrono::milliseconds forget_after = std::chrono::hours(1);
};

/// An account is known by its name: few tries. An address may stand for a whole office: more of them.
inline constexpr ThrottlePolicy kAccountThrottle{.free_failures = 5};
inline constexpr ThrottlePolicy kAddressThrottle{.free_failures = 30};

/// How long to wait before the next try; zero: go on.
std::chrono::milliseconds wait_of(const FailureCount& count, std::int64_t now_ms);
/// The count after one more failure.
FailureCount after_failure(const FailureCount& count, const ThrottlePolicy& policy, std::int64_t now_ms);

}  // namespace millrace::security
