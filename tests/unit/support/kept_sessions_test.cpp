#include "support/kept_sessions.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <barrier>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace millrace {
namespace {

using std::chrono::milliseconds;

/// What the fakes' server sees.
struct Logins {
  std::mutex mutex;
  std::condition_variable changed;
  int last = 0;
  int open = 0;
  int shared = 0;  ///< how often a session was used by two at a time

  int enter() {
    const std::lock_guard lock(mutex);
    ++open;
    return ++last;
  }
  void leave() {
    const std::lock_guard lock(mutex);
    --open;
    changed.notify_all();
  }
  bool wait_all_closed() {
    constexpr std::chrono::seconds kNeverWaitedOut{60};
    std::unique_lock lock(mutex);
    return changed.wait_for(lock, kNeverWaitedOut, [&] { return open == 0; });
  }
  int opened() {
    const std::lock_guard lock(mutex);
    return last;
  }
  int still_open() {
    const std::lock_guard lock(mutex);
    return open;
  }
};

struct FakeSession {
  struct Leave {
    void operator()(Logins* logins) const { logins->leave(); }
  };
  explicit FakeSession(Logins& at) : logins(&at), number(at.enter()) {}

  std::unique_ptr<Logins, Leave> logins;
  int number;
  std::unique_ptr<std::atomic<bool>> used = std::make_unique<std::atomic<bool>>(false);
};

using Kept = KeptSessions<std::string, FakeSession>;

class KeptSessionsTest : public ::testing::Test {
 protected:
  std::unique_ptr<Kept> keep(const SessionKeeping& keeping = {}) {
    return std::make_unique<Kept>([this](const std::string&) { return FakeSession(logins); },
                                  ErrorCode::kSourceUnreachable, keeping);
  }
  static int number(Kept& kept, const std::string& key) {
    return kept.ask(key, [](FakeSession& session) { return session.number; });
  }

  Logins logins;
};

TEST_F(KeptSessionsTest, TheNextQuestionOfTheSameKeyUsesWhatTheLastOneLeft) {
  const auto kept = keep();
  EXPECT_EQ(number(*kept, "a"), 1);
  EXPECT_EQ(number(*kept, "a"), 1);
  EXPECT_EQ(number(*kept, "b"), 2) << "somebody else's";
  EXPECT_EQ(number(*kept, "a"), 1);
  EXPECT_EQ(logins.still_open(), 2);
}

TEST_F(KeptSessionsTest, AQuestionWithinAQuestionHasASessionOfItsOwn) {
  const auto kept = keep();
  const auto inner = kept->ask("a", [&](FakeSession&) { return number(*kept, "a"); });
  EXPECT_EQ(inner, 2);
  EXPECT_EQ(number(*kept, "a"), 1) << "the one that was used last";
}

TEST_F(KeptSessionsTest, TheOneUsedLongestAgoIsClosedWhenThereAreTooMany) {
  const auto kept = keep({.most = 2});
  EXPECT_EQ(number(*kept, "a"), 1);
  EXPECT_EQ(number(*kept, "b"), 2);
  EXPECT_EQ(number(*kept, "a"), 1);
  EXPECT_EQ(number(*kept, "c"), 3);
  EXPECT_EQ(logins.still_open(), 2);
  EXPECT_EQ(number(*kept, "a"), 1);
  EXPECT_EQ(number(*kept, "b"), 4) << "it had to go";
}

TEST_F(KeptSessionsTest, AnIdleOneIsClosedThoughNobodyAsksAgain) {
  const auto kept = keep({.idle = milliseconds(1)});
  number(*kept, "a");
  number(*kept, "b");
  EXPECT_TRUE(logins.wait_all_closed());
  number(*kept, "a");
  EXPECT_EQ(logins.opened(), 3);
  EXPECT_TRUE(logins.wait_all_closed());
}

TEST_F(KeptSessionsTest, AnOldOneIsClosedHoweverOftenItIsUsed) {
  const auto kept = keep({.age = milliseconds(0)});
  EXPECT_EQ(number(*kept, "a"), 1);
  EXPECT_EQ(logins.still_open(), 0);
  EXPECT_EQ(number(*kept, "a"), 2);
}

TEST_F(KeptSessionsTest, AllAreClosedAtTheEndWhichWaitsForNoneToGetOld) {
  constexpr std::chrono::hours kLong{1};
  auto kept = keep({.idle = kLong, .age = kLong});
  number(*kept, "a");
  number(*kept, "b");
  kept.reset();
  EXPECT_EQ(logins.still_open(), 0);
}

TEST_F(KeptSessionsTest, ALostOneIsReplacedAndTheQuestionPutOnceMore) {
  const auto kept = keep();
  number(*kept, "a");
  std::vector<int> asked;
  const auto answer = kept->ask("a", [&](FakeSession& session) {
    asked.push_back(session.number);
    if (session.number == 1) throw Error(ErrorCode::kSourceUnreachable, "lost");
    return session.number;
  });
  EXPECT_EQ(answer, 2);
  EXPECT_EQ(asked, (std::vector{1, 2}));
  EXPECT_EQ(number(*kept, "a"), 2);
  EXPECT_EQ(logins.still_open(), 1);
}

TEST_F(KeptSessionsTest, AFreshOneThatIsLostIsAnError) {
  const auto kept = keep();
  int asked = 0;
  const auto lose = [&](FakeSession&) -> int {
    ++asked;
    throw Error(ErrorCode::kSourceUnreachable, "lost");
  };
  EXPECT_THROW(kept->ask("a", lose), Error);
  EXPECT_EQ(asked, 1);
  number(*kept, "a");
  EXPECT_THROW(kept->ask("a", lose), Error);
  EXPECT_EQ(asked, 3) << "on the kept one and on a fresh one";
  EXPECT_EQ(logins.still_open(), 0);
}

TEST_F(KeptSessionsTest, AnyOtherErrorEndsTheSessionToo) {
  const auto kept = keep();
  number(*kept, "a");
  int asked = 0;
  const auto refuse = [&](FakeSession&) -> int {
    ++asked;
    throw Error(ErrorCode::kSourceQuery, "no such column");
  };
  EXPECT_THROW(kept->ask("a", refuse), Error);
  EXPECT_EQ(asked, 1) << "it would be refused again";
  EXPECT_EQ(logins.still_open(), 0) << "nobody knows what state it was left in";
  EXPECT_EQ(number(*kept, "a"), 2);
}

TEST_F(KeptSessionsTest, WhatOpeningThrowsIsPassedOn) {
  Kept kept([](const std::string&) -> FakeSession { throw Error(ErrorCode::kSourceAuth, "wrong password"); },
            ErrorCode::kSourceUnreachable);
  try {
    number(kept, "a");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kSourceAuth);
  }
}

TEST_F(KeptSessionsTest, OnlySoManyAskAtOnceWithAKey) {
  const auto kept = keep({.at_once = 2, .patience = std::chrono::minutes(1)});
  std::atomic<int> asking = 0;
  std::atomic<int> most = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 20; ++i) {
      threads.emplace_back([&] {
        kept->ask("one", [&](FakeSession&) {
          const int now = ++asking;
          for (int known = most; known < now && !most.compare_exchange_weak(known, now);) continue;
          std::this_thread::yield();
          return asking--;
        });
      });
    }
  }
  EXPECT_LE(most, 2);
  EXPECT_LE(logins.opened(), 2);
}

TEST_F(KeptSessionsTest, AnotherKeyDoesNotWait) {
  const auto kept = keep({.at_once = 1, .patience = std::chrono::minutes(1)});
  EXPECT_EQ(kept->ask("one", [&](FakeSession&) { return number(*kept, "two"); }), 2);
}

TEST_F(KeptSessionsTest, WhoWaitedLongEnoughAsksAllTheSame) {
  const auto kept = keep({.at_once = 1, .patience = milliseconds(1)});
  EXPECT_EQ(kept->ask("one", [&](FakeSession&) { return number(*kept, "one"); }), 2);
  EXPECT_EQ(number(*kept, "one"), 1) << "the one that was given back last";
}

TEST_F(KeptSessionsTest, AQuestionThatFailedLeavesItsPlace) {
  const auto kept = keep({.at_once = 1, .patience = std::chrono::minutes(1)});
  for (int i = 0; i < 3; ++i) {
    EXPECT_THROW(kept->ask("one", [](FakeSession&) -> int { throw Error(ErrorCode::kInternal, "no"); }), Error);
  }
  EXPECT_EQ(number(*kept, "one"), 4);
}

TEST_F(KeptSessionsTest, NoTwoThreadsHaveOneAtATime) {
  constexpr int kThreads = 4;
  constexpr int kRounds = 200;
  const auto kept = keep({.most = 2});
  std::barrier together(kThreads);
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&] {
        for (int round = 0; round < kRounds; ++round) {
          kept->ask("a", [&](FakeSession& session) {
            if (session.used->exchange(true)) {
              const std::lock_guard lock(logins.mutex);
              ++logins.shared;
            }
            // All of them are in a question at the same time.
            together.arrive_and_wait();
            session.used->store(false);
            return 0;
          });
        }
      });
    }
  }
  EXPECT_EQ(logins.shared, 0);
  EXPECT_LE(logins.still_open(), 2);
}

}  // namespace
}  // namespace millrace
