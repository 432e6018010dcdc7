#include "replication/heartbeat_rule.hpp"

#include <gtest/gtest.h>

namespace millrace::replication {
namespace {

TEST(HeartbeatRule, ASourceThatWritesNothingIsLeftAlone) {
  const auto start = HeartbeatRule::Clock::now();
  HeartbeatRule rule;
  EXPECT_TRUE(rule.due(Lsn(1'000'000), start)) << "the first one";
  rule.beaten(Lsn(1'000'100), start);
  EXPECT_FALSE(rule.due(Lsn(1'000'100), start + std::chrono::seconds(5)));
  EXPECT_FALSE(rule.due(Lsn(1'000'100 + HeartbeatRule::kBytes - 1), start + std::chrono::seconds(299)));
}

TEST(HeartbeatRule, WhatOthersWriteIsPassed) {
  const auto start = HeartbeatRule::Clock::now();
  HeartbeatRule rule;
  rule.beaten(Lsn(1'000'100), start);
  EXPECT_TRUE(rule.due(Lsn(1'000'100 + HeartbeatRule::kBytes), start));
  rule.beaten(Lsn(1'000'200 + HeartbeatRule::kBytes), start);
  EXPECT_FALSE(rule.due(Lsn(1'000'300 + HeartbeatRule::kBytes), start));
}

TEST(HeartbeatRule, NoSilenceIsForEver) {
  const auto start = HeartbeatRule::Clock::now();
  HeartbeatRule rule;
  rule.beaten(Lsn(1'000'100), start);
  EXPECT_TRUE(rule.due(Lsn(1'000'100), start + HeartbeatRule::kLongestSilence));
}

}  // namespace
}  // namespace millrace::replication
