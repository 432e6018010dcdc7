#include "replication/batch_queue.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>

namespace millrace::replication {
namespace {

using std::chrono::milliseconds;
constexpr milliseconds kLong{60'000};  ///< never waited out when all is well
constexpr milliseconds kNone{0};

std::unique_ptr<Batch> batch(std::uint64_t lsn) {
  auto made = std::make_unique<Batch>();
  made->end_lsn = Lsn(lsn);
  return made;
}

TEST(BatchQueue, HoldsOneAndLeavesTheNextWithTheCaller) {
  BatchQueue queue;
  EXPECT_TRUE(queue.idle());
  auto first = batch(1);
  auto second = batch(2);
  EXPECT_TRUE(queue.push(first, kNone));
  EXPECT_EQ(first, nullptr);
  EXPECT_FALSE(queue.idle());
  EXPECT_FALSE(queue.push(second, kNone));
  ASSERT_NE(second, nullptr) << "it must not be lost";
  const std::stop_source stop;
  EXPECT_EQ(queue.pop(stop.get_token())->end_lsn, Lsn(1));
  EXPECT_FALSE(queue.idle()) << "it is being applied";
  EXPECT_TRUE(queue.push(second, kNone));
  queue.done();
  EXPECT_FALSE(queue.idle());
  EXPECT_EQ(queue.pop(stop.get_token())->end_lsn, Lsn(2));
  queue.done();
  EXPECT_TRUE(queue.idle());
}

TEST(BatchQueue, HandsEveryBatchOverInOrder) {
  BatchQueue queue;
  std::vector<std::uint64_t> seen;
  std::jthread applying([&](const std::stop_token& stop) {
    while (auto next = queue.pop(stop)) {
      seen.push_back(next->end_lsn.value());
      queue.done();
    }
  });
  for (std::uint64_t i = 1; i <= 1000; ++i) {
    auto next = batch(i);
    ASSERT_TRUE(queue.push(next, kLong));
  }
  EXPECT_TRUE(queue.wait_idle(kLong));
  applying.request_stop();
  applying.join();
  ASSERT_EQ(seen.size(), 1000U);
  for (std::uint64_t i = 0; i < seen.size(); ++i) EXPECT_EQ(seen[i], i + 1);
}

TEST(BatchQueue, AStopEndsTheWaitForABatch) {
  BatchQueue queue;
  std::stop_source stop;
  auto popped = std::async(std::launch::async, [&] { return queue.pop(stop.get_token()); });
  stop.request_stop();
  EXPECT_EQ(popped.get(), nullptr);
}

TEST(BatchQueue, CloseEndsEveryWait) {
  BatchQueue queue;
  auto first = batch(1);
  ASSERT_TRUE(queue.push(first, kNone));
  auto second = batch(2);
  auto pushing = std::async(std::launch::async, [&] { return queue.push(second, kLong); });
  auto waiting = std::async(std::launch::async, [&] { return queue.wait_idle(kLong); });
  queue.close();
  EXPECT_FALSE(pushing.get());
  EXPECT_NE(second, nullptr);
  EXPECT_FALSE(waiting.get()) << "what waits will not be applied";
  EXPECT_TRUE(queue.closed());
  const std::stop_source stop;
  EXPECT_EQ(queue.pop(stop.get_token()), nullptr);
  EXPECT_FALSE(queue.push(second, kLong));
}

TEST(BatchQueue, WaitsUntilTheBatchIsApplied) {
  BatchQueue queue;
  auto first = batch(1);
  ASSERT_TRUE(queue.push(first, kNone));
  EXPECT_FALSE(queue.wait_idle(kNone));
  const std::stop_source stop;
  queue.pop(stop.get_token());
  EXPECT_FALSE(queue.wait_idle(kNone));
  auto waiting = std::async(std::launch::async, [&] { return queue.wait_idle(kLong); });
  queue.done();
  EXPECT_TRUE(waiting.get());
}

}  // namespace
}  // namespace millrace::replication
