#include "replication/event_log.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <iterator>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "lab_target.hpp"
#include "replication/runner.hpp"
#include "sqlserver/session.hpp"

namespace millrace::replication {
namespace {

class Silent : public RunObserver {
 public:
  void event(const RunEvent&) override {}
  void load_progress(const std::vector<TableProgress>&) override {}
  void stream_progress(const StreamProgress&) override {}
};

class EventLogs : public ::testing::Test {
 protected:
  void SetUp() override {
    target_ = std::make_unique<sqlserver::Session>(LabTarget::endpoint());
    plan_ = {.pipeline = "log_" + std::to_string(::getpid()) + "_" + std::to_string(std::random_device{}()),
             .target = LabTarget::endpoint()};
    provision_target(plan_, "1", Lsn(100));
  }
  void TearDown() override { unprovision_target(plan_.target, plan_.pipeline); }

  std::vector<std::string> told() {
    std::vector<std::string> messages;
    for (const auto& row :
         target_->query("SELECT message FROM [millrace].[events] WHERE pipeline = ? ORDER BY id", {plan_.pipeline})) {
      messages.push_back(row.at(0).value_or(""));
    }
    return messages;
  }

  static std::ptrdiff_t threads() {
    return std::distance(std::filesystem::directory_iterator("/proc/self/task"), std::filesystem::directory_iterator());
  }

  /// False when it is not so within a minute. Nobody tells of a thread's end, nor of a row that is written.
  template <typename Condition>
  static bool soon(const Condition& condition) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (!condition()) {
      if (std::chrono::steady_clock::now() > end) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return true;
  }

  /// `before`: the threads while nothing is told.
  void expect_a_thread_for_each(EventLog& log, std::ptrdiff_t before) {
    std::vector<std::string> expected;
    for (const char* word : {"one", "two", "three"}) {
      log.event(saying(word));
      expected.emplace_back(word);
      EXPECT_TRUE(soon([&] { return told() == expected; })) << word;
      EXPECT_TRUE(soon([&] { return threads() == before; })) << word;
    }
  }

  static RunEvent saying(const std::string& message) { return {RunEvent::Severity::kInfo, "test", "", message, ""}; }

  std::unique_ptr<sqlserver::Session> target_;
  RunPlan plan_;
  Silent observer_;
};

TEST_F(EventLogs, GivesItsThreadBackAndTakesAnother) {
  // With the first thread of a process ThreadSanitizer begins one of its own, which stays.
  std::jthread([] {}).join();
  const auto before = threads();
  EventLog log(observer_, plan_.target, plan_.pipeline, nullptr, std::chrono::milliseconds(20));
  EXPECT_EQ(threads(), before) << "nothing was told yet";
  expect_a_thread_for_each(log, before);
}

TEST_F(EventLogs, WithSharedSessionsDoesNotWaitForMore) {
  pipeline::ServerSessions sessions;
  pipeline::TenantSessions own(sessions, "default");
  const auto before = threads();
  EventLog log(observer_, plan_.target, plan_.pipeline, &own, std::chrono::hours(1));
  expect_a_thread_for_each(log, before);
}

TEST_F(EventLogs, WritesWhatWasToldBeforeItsEnd) {
  std::vector<std::string> expected;
  {
    EventLog log(observer_, plan_.target, plan_.pipeline);
    for (int i = 0; i < 50; ++i) {
      expected.push_back(std::to_string(i));
      log.event(saying(expected.back()));
    }
  }
  EXPECT_EQ(told(), expected);
}

}  // namespace
}  // namespace millrace::replication
