#include "support/retry.hpp"

#include <algorithm>

namespace millrace {

Backoff::Backoff(Milliseconds first, Milliseconds cap, std::uint64_t seed)
    : first_(first), cap_(cap), current_(first), random_(seed) {}

Milliseconds Backoff::next() {
  const auto whole = current_.count();
  std::uniform_int_distribution<Milliseconds::rep> jitter(whole / 2, whole);
  current_ = std::min(cap_, current_ * 2);
  return Milliseconds(jitter(random_));
}

bool ClockPause::wait(Milliseconds time, const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, stop, time, [] { return false; });
  return !stop.stop_requested();
}

}  // namespace millrace
