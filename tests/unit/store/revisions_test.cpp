#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "store/pipelines.hpp"
#include "store/runs.hpp"
#include "support/error.hpp"

namespace millrace::store {
namespace {

class StoreTest : public ::testing::Test {
 protected:
  StoreTest() {
    PipelineRecord record;
    record.name = "P";
    record.state = "active";
    record.spec = "{}";
    record.resources = "{}";
    record.sealed_secrets = {{"spec", "sealed"}};
    pipelines.insert(record);
  }
  ~StoreTest() override { std::filesystem::remove_all(directory); }

  static std::filesystem::path fresh_directory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "millrace-store.XXXXXX").string();
    return ::mkdtemp(pattern.data());
  }

  std::filesystem::path directory = fresh_directory();
  Database database{directory / "millrace.db"};
  Pipelines pipelines{database};
  Runs runs{database};
};

TEST_F(StoreTest, EveryChangeRaisesTheRevision) {
  const auto first = pipelines.revision("P");
  ASSERT_TRUE(first);
  pipelines.update("P", "paused", "{}");
  EXPECT_EQ(pipelines.revision("P"), *first + 1);
  pipelines.update_spec("P", R"({"name": "P"})", {{"spec", "other"}});
  EXPECT_EQ(pipelines.revision("P"), *first + 2);
  const auto record = pipelines.find("P");
  ASSERT_TRUE(record);
  EXPECT_EQ(record->revision, *first + 2);
  EXPECT_EQ(record->spec, R"({"name": "P"})");
  EXPECT_EQ(record->sealed_secrets.at("spec"), "other");
}

TEST_F(StoreTest, AChangeBeginsWithWhatIsThere) {
  const auto first = pipelines.revision("P").value();
  pipelines.change("P", [](Pipelines::Life& life) { life.state = "paused"; });
  pipelines.change("P", [](Pipelines::Life& life) { life.resources = R"({"slot": true})"; });
  const auto record = pipelines.find("P").value();
  EXPECT_EQ(record.state, "paused");
  EXPECT_EQ(record.resources, R"({"slot": true})");
  EXPECT_EQ(record.revision, first + 2);
  pipelines.change(
      "P", [](Pipelines::Life& life) { life.resources = "{}"; }, /*noted=*/true);
  EXPECT_EQ(pipelines.find("P")->resources, "{}");
  EXPECT_EQ(pipelines.revision("P"), first + 2);
  EXPECT_THROW(pipelines.change("P",
                                [](Pipelines::Life& life) {
                                  life.state = "active";
                                  throw Error(ErrorCode::kUsage, "not so");
                                }),
               Error);
  EXPECT_EQ(pipelines.find("P")->state, "paused");
  EXPECT_THROW(pipelines.change("Q", [](Pipelines::Life&) {}), Error);
}

TEST_F(StoreTest, ChangesAtOnceAreAllThere) {
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        for (int n = 0; n < 25; ++n) pipelines.change("P", [](Pipelines::Life& life) { life.resources += "+"; });
      });
    }
  }
  EXPECT_EQ(pipelines.find("P")->resources, "{}" + std::string(100, '+'));
}

TEST_F(StoreTest, AnUnknownPipelineHasNoRevision) {
  EXPECT_FALSE(pipelines.revision("Q"));
  EXPECT_THROW(pipelines.update_spec("Q", "{}", {}), Error);
}

TEST_F(StoreTest, AGlanceTellsWhetherAnyPipelineChanged) {
  std::vector<std::string> seen = {Pipelines::glance(database)};
  const auto differs = [&] {
    seen.push_back(Pipelines::glance(database));
    return std::count(seen.begin(), seen.end(), seen.back()) == 1 && seen.back() == Pipelines::glance(database);
  };
  pipelines.change("P", [](Pipelines::Life& life) { life.state = "paused"; });
  EXPECT_TRUE(differs());
  pipelines.update_spec("P", "{}", {});
  EXPECT_TRUE(differs());
  pipelines.insert({.name = "Q", .state = "active", .spec = "{}", .resources = "{}"});
  EXPECT_TRUE(differs());
  runs.begin("P", "me");
  EXPECT_EQ(Pipelines::glance(database), seen.back()) << "what a run says of itself is no change";
  pipelines.remove("P");
  EXPECT_TRUE(differs());
  pipelines.remove("Q");
  EXPECT_EQ(Pipelines::glance(database), "");
}

TEST_F(StoreTest, ARunIsRemembered) {
  EXPECT_FALSE(runs.find("P"));
  runs.begin("P", "pid 1");
  runs.beat("P", "pid 1", R"({"x": 1})");
  auto record = runs.find("P");
  ASSERT_TRUE(record);
  EXPECT_EQ(record->progress, R"({"x": 1})");
  EXPECT_FALSE(record->ended_ms);
  runs.end("P", "pid 1", "why");
  record = runs.find("P");
  EXPECT_TRUE(record->ended_ms);
  EXPECT_EQ(record->error, "why");
  runs.clear_error("P");
  EXPECT_EQ(runs.find("P")->error, "");
}

TEST_F(StoreTest, AProcessThatWasRelievedWritesNothing) {
  runs.begin("P", "pid 1");
  runs.begin("P", "pid 2");
  runs.beat("P", "pid 1", "old");
  runs.end("P", "pid 1", "old");
  const auto record = runs.find("P");
  EXPECT_EQ(record->process, "pid 2");
  EXPECT_EQ(record->progress, "");
  EXPECT_FALSE(record->ended_ms);
}

TEST_F(StoreTest, ARunIsForgottenWithItsPipeline) {
  runs.begin("P", "pid 1");
  pipelines.remove("P");
  EXPECT_FALSE(runs.find("P"));
  runs.begin("P", "pid 1");  // nothing to remember it for
  EXPECT_FALSE(runs.find("P"));
}

}  // namespace
}  // namespace millrace::store
