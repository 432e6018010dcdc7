#include "server/told_alerts.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "store/pipelines.hpp"

namespace millrace::server {
namespace {

class ToldAlertsTest : public ::testing::Test {
 protected:
  ToldAlertsTest() { store::Pipelines(*database).insert({.name = "SHOP", .state = "active", .spec = "{}"}); }
  ~ToldAlertsTest() override { std::filesystem::remove_all(directory); }
  static std::filesystem::path fresh_directory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "millrace-told.XXXXXX").string();
    return ::mkdtemp(pattern.data());
  }

  void tell(const std::string& kind, const std::string& severity, const std::string& code = "",
            const std::string& pipeline = "SHOP") {
    database->write([&](store::Session& session) {
      note_alert(session,
                 {.tenant = place.tenant, .kind = kind, .severity = severity, .pipeline = pipeline, .code = code});
    });
  }
  bool fires(const char* alert) { return ToldAlerts(*database).fires(place, alert); }

  std::filesystem::path directory = fresh_directory();
  std::shared_ptr<store::Database> database = store::Database::open(directory / "millrace.db");
  const PipelinePlace place{store::kDefaultTenant, "SHOP"};
};

TEST_F(ToldAlertsTest, LastFromTheirBeginningToTheirEnd) {
  struct Alert {
    const char* alert;
    const char* begins;
    const char* ends;
  };
  for (const auto& [alert, begins, ends] :
       {Alert{kLagAlert, "lag.high", "lag.over"}, Alert{kStuckAlert, "pipeline.stuck", "pipeline.recovered"},
        Alert{kStalledAlert, "stream.stalled", "stream.recovered"}, Alert{kSlotAlert, "slot.at_risk", "slot.recovered"},
        Alert{kSlotAlert, "slot.lost", "slot.recovered"}, Alert{kFailedAlert, "run.failed", "pipeline.recovered"},
        Alert{kFailedAlert, "pipeline.health", "pipeline.recovered"}}) {
    EXPECT_FALSE(fires(alert)) << begins;
    tell(begins, "error");
    EXPECT_TRUE(fires(alert)) << begins;
    tell(ends, "info");
    EXPECT_FALSE(fires(alert)) << ends;
  }
}

TEST_F(ToldAlertsTest, WhatPassesByItselfIsNone) {
  tell("run.failed", "warning");
  tell("pipeline.health", "info");
  EXPECT_FALSE(fires(kFailedAlert));
}

TEST_F(ToldAlertsTest, KeepTheCodeAndGoWithTheirPipeline) {
  tell("run.failed", "error", "source.schema_changed");
  tell("run.failed", "error", "slot.missing", "GONE");
  EXPECT_EQ(ToldAlerts(*database).of(kFailedAlert),
            (std::map<PipelinePlace, std::string>{{place, "source.schema_changed"}}));
  store::Pipelines(*database).remove("SHOP");
  EXPECT_TRUE(ToldAlerts(*database).of(kFailedAlert).empty());
}

TEST_F(ToldAlertsTest, AreTakenOnce) {
  tell("stream.stalled", "warning");
  ToldAlerts told(*database);
  EXPECT_TRUE(told.take(place, kStalledAlert));
  EXPECT_FALSE(told.take(place, kStalledAlert));
}

}  // namespace
}  // namespace millrace::server
