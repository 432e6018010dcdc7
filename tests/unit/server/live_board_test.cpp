#include "server/live_board.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "store/tenants.hpp"

namespace millrace::server {
namespace {

using Told = std::vector<std::pair<std::string, std::string>>;  // kind and severity, oldest first

class LiveBoardTest : public ::testing::Test {
 protected:
  ~LiveBoardTest() override { std::filesystem::remove_all(directory); }
  static std::filesystem::path fresh_directory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "millrace-board.XXXXXX").string();
    return ::mkdtemp(pattern.data());
  }

  void moves() {
    board.run_began(place);
    board.stream(place, {});
  }
  Told told() {
    Told all;
    for (const auto& event : events.list(place.tenant, {}, {}).items) all.emplace_back(event.kind, event.severity);
    std::reverse(all.begin(), all.end());
    return all;
  }

  std::filesystem::path directory = fresh_directory();
  EventFeed events{store::Database::open(directory / "millrace.db")};
  LiveBoard board{events};
  const PipelinePlace place{store::kDefaultTenant, "SHOP"};
  const Error slot_gone{ErrorCode::kSlotMissing, "The slot is gone."};
};

TEST_F(LiveBoardTest, ARunThatFailsIsToldByWhoeverRunsItAndTheEndByTheBoard) {
  moves();
  board.event(place, {.kind = "failed", .table = "", .message = "The slot is gone.", .lsn = ""});
  board.run_failed(place, slot_gone, std::nullopt);
  EXPECT_EQ(board.find(place)->health, Health::kFailed);
  EXPECT_EQ(told(), (Told{{"pipeline.health", "info"}})) << "that it runs; of the failure run.failed tells alone";
  moves();
  EXPECT_EQ(told(), (Told{{"pipeline.health", "info"}, {"pipeline.recovered", "info"}}));
  EXPECT_EQ(events.list(place.tenant, {}, {.size = 1}).items.front().code, slot_gone.info().id);
  moves();
  const auto all = told();
  EXPECT_EQ(std::count(all.begin(), all.end(), Told::value_type("pipeline.recovered", "info")), 1) << "once";
}

TEST_F(LiveBoardTest, TheEndOfWhatNeededAPersonBeforeTheStartIsTold) {
  board.failed_before({{place, std::string(slot_gone.info().id)}});
  board.stored(place, "active", true);
  moves();
  EXPECT_EQ(told(), (Told{{"pipeline.recovered", "info"}}));
  EXPECT_EQ(events.list(place.tenant, {}, {.size = 1}).items.front().code, slot_gone.info().id);
  moves();
  const auto all = told();
  EXPECT_EQ(std::count(all.begin(), all.end(), Told::value_type("pipeline.recovered", "info")), 1) << "once";
}

TEST_F(LiveBoardTest, WhatPassesByItselfHasNoEndToTell) {
  moves();
  board.run_failed(place, slot_gone, 1);
  EXPECT_EQ(board.find(place)->health, Health::kRetrying);
  board.stream(place, {});
  EXPECT_EQ(told(), (Told{{"pipeline.health", "info"}, {"pipeline.health", "info"}}));
}

}  // namespace
}  // namespace millrace::server
