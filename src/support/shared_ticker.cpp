#include "support/shared_ticker.hpp"

namespace millrace {
namespace {

constexpr std::chrono::milliseconds kTogether{100};

}  // namespace

SharedTicker::SharedTicker() : thread_([this](const std::stop_token& stop) { run(stop); }) {}

SharedTicker::~SharedTicker() = default;

int SharedTicker::add(Tick tick, std::chrono::milliseconds first) {
  const std::lock_guard lock(mutex_);
  const int number = ++last_;
  const auto due = Clock::now() + first;
  entries_.emplace(number, Entry{std::move(tick), due});
  order_.emplace(due, number);
  changed_.notify_all();
  return number;
}

void SharedTicker::call_in(int number, std::chrono::milliseconds wait) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(number);
  if (found == entries_.end() || found->second.leaves) return;
  if (number == calling_) again_ = true;
  set_due(number, found->second, Clock::now() + wait);
  changed_.notify_all();
}

void SharedTicker::remove(int number) {
  std::unique_lock lock(mutex_);
  auto& entry = entries_.at(number);
  entry.leaves = true;
  order_.erase({entry.due, number});
  changed_.wait(lock, [&] { return calling_ != number; });
  entries_.erase(number);
}

void SharedTicker::set_due(int number, Entry& entry, Clock::time_point due) {
  order_.erase({entry.due, number});
  entry.due = due;
  order_.emplace(due, number);
}

void SharedTicker::run(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    if (order_.empty()) {
      changed_.wait(lock, stop, [&] { return !order_.empty(); });
      continue;
    }
    const auto first = order_.begin()->first;
    if (Clock::now() < first) {
      changed_.wait_until(lock, stop, first, [&] { return order_.empty() || order_.begin()->first < first; });
      continue;
    }
    const auto until = Clock::now() + kTogether;
    while (!order_.empty() && order_.begin()->first <= until && !stop.stop_requested()) {
      const int number = order_.begin()->second;
      order_.erase(order_.begin());
      // It stays where it is: map's other entries may come and go, and remove() waits.
      auto& entry = entries_.find(number)->second;
      calling_ = number;
      again_ = false;
      lock.unlock();
      const auto wait = entry.tick();
      lock.lock();
      calling_ = 0;
      if (!again_ && !entry.leaves) set_due(number, entry, Clock::now() + wait);
      changed_.notify_all();
    }
  }
}

}  // namespace millrace
