#include "security/throttle.hpp"

#include <algorithm>

namespace millrace::security {

std::chrono::milliseconds wait_of(const FailureCount& count, std::int64_t now_ms) {
  return std::chrono::milliseconds(std::max<std::int64_t>(0, count.blocked_until_ms - now_ms));
}

FailureCount after_failure(const FailureCount& count, const ThrottlePolicy& policy, std::int64_t now_ms) {
  FailureCount next = count;
  if (count.failures == 0 || now_ms - count.last_ms > policy.forget_after.count()) next = {.first_ms = now_ms};
  ++next.failures;
  next.last_ms = now_ms;
  const auto beyond = next.failures - policy.free_failures;
  if (beyond > 0) {
    std::int64_t block = policy.first_block.count();
    for (std::int64_t i = 1; i < beyond && block < policy.longest_block.count(); ++i) block *= 2;
    next.blocked_until_ms = now_ms + std::min<std::int64_t>(block, policy.longest_block.count());
  }
  return next;
}

}  // namespace millrace::security
