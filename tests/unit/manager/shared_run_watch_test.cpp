#include "manager/shared_run_watch.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <thread>

#include "store/pipelines.hpp"

namespace millrace::manager {
namespace {

class SharedRunWatchTest : public ::testing::Test {
 protected:
  SharedRunWatchTest() {
    for (const char* name : {"A", "B"}) {
      store::Pipelines(*database).insert({.name = name, .state = "active", .spec = "{}"});
      store::Runs(*database).begin(name, "me");
    }
  }
  ~SharedRunWatchTest() override { std::filesystem::remove_all(directory); }
  static std::filesystem::path fresh_directory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "millrace-watch.XXXXXX").string();
    return ::mkdtemp(pattern.data());
  }

  WatchedRun run_of(const std::string& name, std::atomic<int>& changed) {
    return {.tenant = store::kDefaultTenant,
            .pipeline = name,
            .revision = *store::Pipelines(*database).revision(name),
            .process = "me",
            .progress = [this] { return "far " + std::to_string(far.load()); },
            .changed = [&changed] { ++changed; }};
  }
  /// What the watch writes to the store nobody tells: that can only be asked for again.
  static bool within(const std::function<bool()>& condition) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!condition()) {
      if (std::chrono::steady_clock::now() > end) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return true;
  }
  store::RunRecord stored(const std::string& name) { return *store::Runs(*database).find(name); }

  std::filesystem::path directory = fresh_directory();
  std::shared_ptr<store::Database> database = store::Database::open(directory / "millrace.db");
  std::atomic<int> far{1};
};

TEST_F(SharedRunWatchTest, TellsTheOneThatWasChangedAndNoOther) {
  SharedRunWatch watch(database);
  std::atomic<int> a = 0;
  std::atomic<int> b = 0;
  const auto first = watch.watch(run_of("A", a));
  auto second = watch.watch(run_of("B", b));
  store::Pipelines(*database).update("A", "paused", "{}");
  EXPECT_TRUE(within([&] { return a == 1; }));
  EXPECT_EQ(b, 0);
  second.reset();
  store::Pipelines(*database).remove("B");
  std::atomic<int> again = 0;
  const auto third = watch.watch(run_of("A", again));
  store::Pipelines(*database).update("A", "active", "{}");
  EXPECT_TRUE(within([&] { return again == 1; }));
  EXPECT_EQ(a, 1) << "once";
  EXPECT_EQ(b, 0) << "it was let go of";
}

TEST_F(SharedRunWatchTest, TellsOneThatComesWithAnOldRevisionThoughNothingChangesAnyMore) {
  SharedRunWatch watch(database);
  std::atomic<int> a = 0;
  std::atomic<int> b = 0;
  std::atomic<int> last = 0;
  auto old = run_of("B", b);
  store::Pipelines(*database).update("B", "active", "{}");
  const auto first = watch.watch(run_of("A", a));
  store::Pipelines(*database).update("A", "active", "{}");
  EXPECT_TRUE(within([&] { return a == 1; })) << "it has looked";
  const auto second = watch.watch(std::move(old));
  EXPECT_TRUE(within([&] { return b == 1; }));
  const auto third = watch.watch(run_of("B", last));
  store::Pipelines(*database).remove("B");
  EXPECT_TRUE(within([&] { return last == 1; })) << "it is gone";
  EXPECT_EQ(b, 1) << "once";
}

TEST_F(SharedRunWatchTest, GivesSignsOfLifeAndNewNumbersOnlyWhereThereAreAny) {
  SharedRunWatch watch(database);
  std::atomic<int> changed = 0;
  const auto a = watch.watch(run_of("A", changed));
  EXPECT_TRUE(within([&] { return stored("A").progress == "far 1"; }));
  EXPECT_EQ(stored("B").progress, "") << "nobody runs it";
  const auto before = stored("A").beat_ms;
  EXPECT_TRUE(within([&] { return stored("A").beat_ms > before; })) << "with the same numbers too";
  EXPECT_EQ(stored("A").progress, "far 1");
  far = 2;
  EXPECT_TRUE(within([&] { return stored("A").progress == "far 2"; }));
  EXPECT_EQ(changed, 0);
}

}  // namespace
}  // namespace millrace::manager
