#include "support/turns.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>

namespace millrace {
namespace {

using std::chrono::milliseconds;

constexpr std::chrono::hours kForEver{1};
constexpr std::chrono::seconds kTurnComes{60};

using Gate = Turns<std::string>;

/// Takes a place in another thread; ready when it has one.
std::future<void> enter(Gate& gate, const std::string& key, std::optional<Gate::Turn>& turn,
                        const std::stop_token& stop = {}) {
  return std::async(std::launch::async, [&gate, key, &turn, stop] { turn.emplace(gate, key, stop); });
}

/// One with it does not wait for a place.
std::stop_token stopped() {
  std::stop_source source;
  source.request_stop();
  return source.get_token();
}

bool waits(const std::future<void>& entered) {
  return entered.wait_for(milliseconds(50)) == std::future_status::timeout;
}

TEST(Turns, LetsSoManyInAndTheNextWhenOneGoes) {
  Gate gate(2, kForEver);
  std::optional<Gate::Turn> first(std::in_place, gate, "a");
  const std::optional<Gate::Turn> second(std::in_place, gate, "a");
  std::optional<Gate::Turn> third;
  const auto entered = enter(gate, "a", third);
  EXPECT_TRUE(waits(entered));
  first.reset();
  EXPECT_EQ(entered.wait_for(kTurnComes), std::future_status::ready);
}

TEST(Turns, OtherKeysDoNotWait) {
  Gate gate(1, kForEver);
  const Gate::Turn first(gate, "a");
  std::optional<Gate::Turn> other;
  EXPECT_EQ(enter(gate, "b", other).wait_for(kTurnComes), std::future_status::ready);
}

TEST(Turns, WhoHasWaitedForLongEnoughGoesOn) {
  Gate gate(1, milliseconds(20));
  const Gate::Turn first(gate, "a");
  std::optional<Gate::Turn> second;
  EXPECT_EQ(enter(gate, "a", second).wait_for(kTurnComes), std::future_status::ready);
}

TEST(Turns, ALineThatMovesIsWaitedFor) {
  constexpr milliseconds kPatience{2000};
  Gate gate(1, kPatience, Gate::Patience::kFromLastEnd);
  std::optional<Gate::Turn> first(std::in_place, gate, "a");
  std::optional<Gate::Turn> last;
  auto entered = enter(gate, "a", last);
  // Others come and go in its place for longer than it would wait for one of them.
  const auto begun = std::chrono::steady_clock::now();
  bool held = true;
  while (held && std::chrono::steady_clock::now() - begun < 2 * kPatience) {
    held = entered.wait_for(kPatience / 10) == std::future_status::timeout;
    const Gate::Turn beside(gate, "a", stopped());
  }
  EXPECT_TRUE(held) << "went on though others came to an end";
  first.reset();
  EXPECT_EQ(entered.wait_for(kTurnComes), std::future_status::ready);
}

TEST(Turns, AStopEndsTheWait) {
  Gate gate(1, kForEver);
  const Gate::Turn first(gate, "a");
  std::stop_source stop;
  std::optional<Gate::Turn> second;
  const auto entered = enter(gate, "a", second, stop.get_token());
  EXPECT_TRUE(waits(entered));
  stop.request_stop();
  EXPECT_EQ(entered.wait_for(kTurnComes), std::future_status::ready);
}

}  // namespace
}  // namespace millrace
