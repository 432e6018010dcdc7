#include "server/connector_care.hpp"

#include <gtest/gtest.h>

namespace millrace::server {
namespace {

using namespace std::chrono_literals;
using Clock = ConnectorCare::Clock;

pipeline::ConnectorStatus running() {
  return {.name = "S-source", .state = "RUNNING", .tasks = {{.id = 0, .state = "RUNNING"}}};
}

pipeline::ConnectorStatus failed() {
  return {.name = "S-source",
          .state = "RUNNING",
          .tasks = {{.id = 0, .state = "RUNNING"}, {.id = 1, .state = "FAILED", .root_cause = "slot is active"}}};
}

TEST(ConnectorCare, RestartsAtOnceThenEverMoreSlowlyAndSaysWhenItIsHopeless) {
  ConnectorCare care;
  const Clock::time_point begun{};
  EXPECT_FALSE(care.look(running(), begun).failed);

  const auto first = care.look(failed(), begun);
  EXPECT_TRUE(first.restart);
  EXPECT_FALSE(first.hopeless);
  EXPECT_EQ(first.root_cause, "task 1: slot is active");
  EXPECT_FALSE(care.look(failed(), begun + 9s).restart);
  EXPECT_TRUE(care.look(failed(), begun + 10s).restart);
  EXPECT_FALSE(care.look(failed(), begun + 29s).restart);
  EXPECT_FALSE(care.look(failed(), begun + 30s).hopeless);
  const auto fourth = care.look(failed(), begun + 70s);
  EXPECT_TRUE(fourth.restart);
  EXPECT_TRUE(fourth.hopeless);
  EXPECT_EQ(care.restarts(), 4);

  auto now = begun + 70s;
  for (int i = 0; i < 20; ++i) {
    const auto verdict = care.look(failed(), now);
    ASSERT_TRUE(verdict.next_attempt.has_value());
    EXPECT_LE(*verdict.next_attempt, 10min);
    now += *verdict.next_attempt;
  }
}

TEST(ConnectorCare, ForgivesWhatRanWellForFiveMinutes) {
  ConnectorCare care;
  const Clock::time_point begun{};
  care.look(failed(), begun);
  care.look(running(), begun + 10s);
  care.look(running(), begun + 4min);
  EXPECT_EQ(care.restarts(), 1) << "not yet";
  care.look(running(), begun + 6min);
  EXPECT_EQ(care.restarts(), 0);
  EXPECT_TRUE(care.look(failed(), begun + 7min).restart);
}

}  // namespace
}  // namespace millrace::server
