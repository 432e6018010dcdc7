#include "cli/run_text.hpp"

#include <gmock/gmock.h>

namespace millrace::cli {
namespace {

using replication::RunEvent;
using replication::StreamProgress;
using replication::TableProgress;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<TableProgress> half_loaded() {
  return {{.table = "public.customers", .state = "ready", .rows = 1200, .estimated_rows = 1000, .bytes = 150'000},
          {.table = "public.orders",
           .state = "copying",
           .rows = 1'234'567,
           .estimated_rows = 3'000'000,
           .bytes = 130'023'424,
           .rows_per_s = 45'000.4,
           .seconds_left = 39},
          {.table = "public.lines", .state = "pending"}};
}

StreamProgress streaming() {
  return {.applied = Lsn(0x16B3748),
          .received = Lsn(0x16B3800),
          .lag_bytes = 1536,
          .lag_s = 0.84,
          .changes = 45678,
          .transactions = 123,
          .changes_per_s = 1234.6,
          .caught_up = false};
}

TEST(Numbers, AreGrouped) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1000), "1,000");
  EXPECT_EQ(grouped(1'234'567), "1,234,567");
  EXPECT_EQ(grouped(-4321), "-4,321");
}

TEST(Durations, AreClockLike) {
  EXPECT_EQ(duration(5), "0:05");
  EXPECT_EQ(duration(75), "1:15");
  EXPECT_EQ(duration(3700), "1:01:40");
}

TEST(Cutting, CountsCharactersNotBytes) {
  EXPECT_EQ(cut("größe", 3), "grö");
  EXPECT_EQ(cut("ab", 5), "ab");
  EXPECT_EQ(cut("ab", 0), "");
}

TEST(LoadLine, SumsUp) {
  EXPECT_EQ(load_line(half_loaded()), "loading: 1 of 3 tables, 1,235,767 rows, 45,000 rows/s, 124.1 MiB, 0:39 left");
}

TEST(StreamLine, TellsLagInBytesAndSeconds) {
  EXPECT_EQ(stream_line(streaming()),
            "streaming: lag 1.5 KiB, 0.8 s; 1,234 changes/s; 45,678 changes in 123 transactions; at 0/16B3748");
  auto unknown = streaming();
  unknown.lag_s.reset();
  EXPECT_THAT(stream_line(unknown), HasSubstr("lag 1.5 KiB, unknown;"));
}

TEST(EventLine, ShowsHowBadItIs) {
  EXPECT_EQ(event_line({RunEvent::Severity::kWarning, "retry", "public.a", "lost", ""}), "⚠ public.a: lost");
  EXPECT_EQ(event_line({RunEvent::Severity::kError, "failed", "", "no", ""}), "✗ no");
  EXPECT_EQ(event_line({RunEvent::Severity::kInfo, "stream.caught_up", "", "Real-time CDC active.", ""}),
            "✓ Real-time CDC active.");
}

TEST(LoadFrame, ShowsTablesAtWorkFirst) {
  EXPECT_THAT(load_frame(half_loaded(), 100, 24),
              ElementsAre("public.orders     ████░░░░░░  41%      1,234,567 rows     45,000/s  124.0 MiB  0:39 left",
                          "public.lines      waits", "public.customers  ██████████ 100%          1,200 rows  146.5 KiB",
                          "loading: 1 of 3 tables, 1,235,767 rows, 45,000 rows/s, 124.1 MiB, 0:39 left"));
}

TEST(LoadFrame, LosesNumbersFromTheRightOnANarrowTerminal) {
  for (const std::size_t width : {20U, 30U, 40U, 60U}) {
    for (const auto& line : load_frame(half_loaded(), width, 24)) {
      EXPECT_EQ(cut(line, width), line) << width;
    }
  }
  EXPECT_EQ(load_frame(half_loaded(), 40, 24).front(), "public.orders  ████░░░░░░  41%");
}

TEST(LoadFrame, FitsALowTerminal) {
  std::vector<TableProgress> many;
  for (int i = 0; i < 100; ++i) many.push_back({.table = "t" + std::to_string(i), .state = "pending"});
  const auto lines = load_frame(many, 80, 10);
  EXPECT_LE(lines.size(), 9U);
  EXPECT_EQ(lines[lines.size() - 2], "… and 93 more tables");
}

TEST(LoadFrame, NeverPromisesAFullTableBeforeItIsReady) {
  const auto lines = load_frame({{.table = "a", .state = "copying", .rows = 500, .estimated_rows = 100}}, 80, 24);
  EXPECT_THAT(lines.front(), HasSubstr(" 99%"));
}

TEST(StreamFrame, IsOneLine) {
  EXPECT_THAT(stream_frame(streaming(), 120),
              ElementsAre("streaming  lag 1.5 KiB, 0.8 s  1,234 changes/s  45,678 changes  123 transactions  at "
                          "0/16B3748"));
  EXPECT_THAT(stream_frame(streaming(), 32), ElementsAre("streaming  lag 1.5 KiB, 0.8 s"));
}

}  // namespace
}  // namespace millrace::cli
