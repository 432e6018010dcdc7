#include "support/shared_ticker.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <mutex>
#include <semaphore>
#include <set>
#include <thread>

namespace millrace {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

/// Far beyond what any of these takes.
constexpr std::chrono::seconds kNeverWaitedOut{60};

using Calls = std::counting_semaphore<1000>;

TEST(SharedTicker, CallsEachAgainAfterWhatItAskedFor) {
  SharedTicker ticker;
  Calls often(0);
  Calls once(0);
  std::mutex mutex;
  std::set<std::thread::id> threads;
  const auto note = [&](Calls& calls) {
    const std::lock_guard lock(mutex);
    threads.insert(std::this_thread::get_id());
    calls.release();
  };
  const int first = ticker.add([&] { return note(often), milliseconds(1); }, milliseconds(1));
  const int second = ticker.add([&] { return note(once), milliseconds(hours(1)); }, milliseconds(1));
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(often.try_acquire_for(kNeverWaitedOut));
  EXPECT_TRUE(once.try_acquire_for(kNeverWaitedOut));
  ticker.remove(first);
  ticker.remove(second);
  EXPECT_FALSE(once.try_acquire());
  EXPECT_EQ(threads.size(), 1U);
}

TEST(SharedTicker, CallsSoonerWhenItIsAskedTo) {
  SharedTicker ticker;
  Calls calls(0);
  const int number = ticker.add([&] { return calls.release(), milliseconds(hours(1)); }, hours(1));
  EXPECT_FALSE(calls.try_acquire());
  for (int i = 0; i < 3; ++i) {
    ticker.call_in(number, milliseconds(0));
    EXPECT_TRUE(calls.try_acquire_for(kNeverWaitedOut));
  }
  ticker.remove(number);
  ticker.call_in(number, milliseconds(0));  // nobody is there any more
}

TEST(SharedTicker, CallsAgainWhatIsAskedForWhileItIsCalled) {
  SharedTicker ticker;
  Calls entered(0);
  Calls go_on(0);
  const auto tick = [&] {
    entered.release();
    go_on.acquire();
    return milliseconds(hours(1));
  };
  const int number = ticker.add(tick, milliseconds(0));
  ASSERT_TRUE(entered.try_acquire_for(kNeverWaitedOut));
  ticker.call_in(number, milliseconds(0));
  go_on.release(2);
  EXPECT_TRUE(entered.try_acquire_for(kNeverWaitedOut));
  ticker.remove(number);
}

TEST(SharedTicker, RemovesOneThatIsCalledWhenItHasReturned) {
  SharedTicker ticker;
  Calls entered(0);
  Calls go_on(0);
  std::atomic<bool> returned{false};
  const auto tick = [&] {
    entered.release();
    go_on.acquire();
    returned = true;
    return milliseconds(0);
  };
  const int number = ticker.add(tick, milliseconds(0));
  ASSERT_TRUE(entered.try_acquire_for(kNeverWaitedOut));
  auto removed = std::async(std::launch::async, [&] {
    ticker.remove(number);
    return returned.load();
  });
  EXPECT_EQ(removed.wait_for(milliseconds(50)), std::future_status::timeout);
  go_on.release();
  EXPECT_TRUE(removed.get());
}

TEST(SharedTicker, OneMayComeOrGoWhileAnotherIsCalled) {
  SharedTicker ticker;
  Calls entered(0);
  Calls go_on(0);
  Calls other(0);
  const auto slow = [&] {
    entered.release();
    go_on.acquire();
    return milliseconds(hours(1));
  };
  const int first = ticker.add(slow, milliseconds(0));
  ASSERT_TRUE(entered.try_acquire_for(kNeverWaitedOut));
  const int gone = ticker.add([&] { return other.release(), milliseconds(hours(1)); }, milliseconds(0));
  const int stays = ticker.add([&] { return other.release(), milliseconds(hours(1)); }, milliseconds(0));
  ticker.remove(gone);
  go_on.release();
  EXPECT_TRUE(other.try_acquire_for(kNeverWaitedOut));
  ticker.remove(first);
  ticker.remove(stays);
  EXPECT_FALSE(other.try_acquire());
}

}  // namespace
}  // namespace millrace
