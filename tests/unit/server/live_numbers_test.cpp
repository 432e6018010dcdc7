#include "server/live_numbers.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "server/metrics_text.hpp"
#include "server/progress_json.hpp"

namespace millrace::server {
namespace {

constexpr std::int64_t kMiB = 1024 * 1024;

TEST(RunningTotal, GoesOnWhenTheCountBeginsAnew) {
  RunningTotal total;
  total.see(5);
  total.see(7);
  total.see(2);  // the next attempt
  total.see(3);
  EXPECT_EQ(total.value(), 10U);
}

TEST(LatencyWindow, ForgetsWhatIsOlderThanAMinuteAndKeepsAllForHistograms) {
  LatencyWindow window;
  replication::LatencyCounts counts;
  counts.add(4000);
  window.see(counts, 1'000'000);
  EXPECT_EQ(window.last_minute().total(), 1U);
  for (int second = 5; second <= 70; second += 5) {
    counts.add(1);
    window.see(counts, 1'000'000 + second * 1000);
  }
  EXPECT_LE(*window.last_minute().quantile(1.0), 1.0);
  EXPECT_EQ(window.all().total(), 15U);
  window.see(replication::LatencyCounts{}, 1'080'000);  // the next attempt
  EXPECT_EQ(window.all().total(), 15U);
}

TEST(SlotRisk, GrowsAsTheBudgetShrinks) {
  const auto risk = [](std::int64_t retained, std::int64_t safe, const std::string& status = "reserved") {
    return risk_of({.retained_bytes = retained * kMiB, .safe_bytes = safe * kMiB, .wal_status = status});
  };
  EXPECT_EQ(risk(10, 90), SlotRisk::kOk);
  EXPECT_EQ(risk(60, 40), SlotRisk::kWarning);
  EXPECT_EQ(risk(90, 10), SlotRisk::kAlarm);
  EXPECT_EQ(risk(10, 90, "unreserved"), SlotRisk::kAlarm);
  EXPECT_EQ(risk(0, 0, "lost"), SlotRisk::kLost);
  EXPECT_EQ(risk_of({.retained_bytes = 1000 * kMiB, .wal_status = "extended"}), SlotRisk::kOk) << "without a limit";
}

LiveNumbers loading() {
  LiveNumbers numbers;
  numbers.health = Health::kLoading;
  numbers.loads = true;
  auto& first = numbers.tables["public.a"];
  first.state = "copying";
  first.rows = 100;
  first.estimated_rows = 400;
  first.rows_per_s = 50;
  auto& second = numbers.tables["public.b"];
  second.state = "ready";
  second.rows = 60;
  second.estimated_rows = 10;
  second.rows_per_s = 0;
  numbers.tables["public.old"].state = "ready";  // loaded before
  return numbers;
}

TEST(SumLoad, TakesTheRowsOfReadyTablesForTheirEstimate) {
  const auto load = sum_load(loading());
  EXPECT_EQ(load.rows, 160);
  EXPECT_EQ(load.estimated_rows, 460);
  EXPECT_EQ(load.seconds_left, 6);
  auto unknown = loading();
  unknown.tables["public.a"].estimated_rows.reset();
  EXPECT_FALSE(sum_load(unknown).estimated_rows.has_value());
}

TEST(ProgressJson, HasCountsAsTextsAndOnlyTheTablesAskedFor) {
  const std::set<std::string> changed{"public.a"};
  const auto told = progress_json("SHOP", loading(), &changed);
  EXPECT_EQ(told.at("load").at("rows"), "160");
  EXPECT_EQ(told.at("load").at("tablesReady"), 2);
  EXPECT_EQ(told.at("tables").size(), 1U);
  EXPECT_TRUE(told.at("stream").is_null());
  EXPECT_EQ(progress_json("SHOP", loading()).at("tables").size(), 3U);
  const auto live = live_json(loading(), 3);
  EXPECT_NEAR(live.at("loadPercent").get<double>(), 34.8, 0.1);
  EXPECT_TRUE(live.at("lagBytes").is_null());
}

TEST(MetricsText, LeavesOutWhatIsNotKnownAndEscapesLabels) {
  MetricsText metrics;
  metrics.add({"default", "A\"B"}, loading());
  const auto text = metrics.text();
  EXPECT_NE(text.find(R"(millrace_pipeline_running{tenant="default",pipeline="A\"B"} 1)"), std::string::npos) << text;
  EXPECT_NE(text.find(R"(health="loading"} 1)"), std::string::npos);
  EXPECT_EQ(text.find("millrace_pipeline_lag_bytes{"), std::string::npos);
}

}  // namespace
}  // namespace millrace::server
