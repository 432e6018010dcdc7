#include "cli/run_reports.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <sstream>

namespace millrace::cli {
namespace {

using nlohmann::json;
using replication::RunEvent;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class ReportsTest : public ::testing::Test {
 protected:
  ReportPlace place() {
    return {.out = out, .now_ms = [this] { return now; }, .terminal = {}};
  }
  std::vector<std::string> lines() const {
    std::vector<std::string> list;
    std::istringstream in(out.str());
    for (std::string line; std::getline(in, line);) list.push_back(line);
    return list;
  }

  std::ostringstream out;
  std::int64_t now = 1'764'038'463'000;
  RunEvent started{RunEvent::Severity::kInfo, "stream.started", "", "streaming changes", "0/10"};
  replication::StreamProgress behind{.applied = Lsn(16), .lag_bytes = 5, .lag_s = 1.0};
  replication::StreamProgress level{.applied = Lsn(32), .lag_s = 0.0, .caught_up = true};
};

TEST_F(ReportsTest, PlainLinesCarryTheTime) {
  make_reports(Format::kTable, place())->event(started);
  EXPECT_EQ(out.str(), "2025-11-25T02:41:03Z  · streaming changes\n");
}

TEST_F(ReportsTest, PlainProgressComesSeldom) {
  const auto reports = make_reports(Format::kTable, place());
  for (int second = 0; second < 21; ++second, now += 1000) reports->stream_progress(behind);
  EXPECT_EQ(lines().size(), 3U);
}

TEST_F(ReportsTest, CatchingUpIsToldAtOnceAndOnce) {
  const auto reports = make_reports(Format::kTable, place());
  reports->stream_progress(behind);
  now += 1000;
  reports->stream_progress(level);
  now += 1000;
  reports->stream_progress(behind);
  now += 1000;
  reports->stream_progress(level);
  EXPECT_EQ(lines().size(), 2U);
}

TEST_F(ReportsTest, JsonIsOneObjectALine) {
  const auto reports = make_reports(Format::kJson, place());
  reports->event(started);
  reports->load_progress({{.table = "public.a", .state = "copying", .rows = 3}});
  reports->stream_progress(level);
  std::vector<std::string> types;
  for (const auto& line : lines()) types.push_back(json::parse(line).at("type"));
  EXPECT_THAT(types, ElementsAre("event", "load", "stream"));
  const auto event = json::parse(lines()[0]);
  EXPECT_EQ(event["kind"], "stream.started");
  EXPECT_EQ(event["severity"], "info");
  EXPECT_TRUE(event["table"].is_null());
  EXPECT_EQ(event["lsn"], "0/10");
  EXPECT_TRUE(json::parse(lines()[1])["tables"][0]["estimated_rows"].is_null());
  EXPECT_EQ(json::parse(lines()[2])["applied_lsn"], "0/20");
}

TEST_F(ReportsTest, BytesThatAreNoUtf8DoNotBreakALine) {
  started.message = "bad \xff byte";
  make_reports(Format::kJson, place())->event(started);
  EXPECT_NO_THROW(json::parse(out.str()));
}

TEST_F(ReportsTest, TheLastErrorIsNotToldTwiceToPeople) {
  const RunEvent failed{RunEvent::Severity::kError, "failed", "", "why", ""};
  make_reports(Format::kTable, place())->event(failed);
  EXPECT_EQ(out.str(), "");
  make_reports(Format::kJson, place())->event(failed);
  EXPECT_THAT(out.str(), HasSubstr("why"));
}

TEST_F(ReportsTest, ATerminalIsRedrawnInPlace) {
  auto where = place();
  where.terminal = [] { return TerminalSize{60, 24}; };
  const auto reports = make_reports(Format::kTable, where);
  reports->load_progress({{.table = "a", .state = "pending"}, {.table = "b", .state = "pending"}});
  out.str("");
  reports->event(started);
  // Three lines were drawn: two tables and the sum. The event takes their place, and they come back below it.
  EXPECT_THAT(out.str(), StartsWith("\r\x1b[3A\x1b[J· streaming changes\na  waits"));
  out.str("");
  reports->stream_progress(level);
  EXPECT_THAT(out.str(), StartsWith("\r\x1b[3Astreaming  lag 0 B, 0.0 s"));
  EXPECT_THAT(out.str(), ::testing::EndsWith("\x1b[K\n\x1b[J"));
  out.str("");
  reports->event({RunEvent::Severity::kInfo, "stream.stopped", "", "stopped", ""});
  EXPECT_EQ(out.str(), "\r\x1b[1A\x1b[J· stopped\n\x1b[J");
}

}  // namespace
}  // namespace millrace::cli
