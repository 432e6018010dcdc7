#include "manager/run_facts.hpp"

#include <gtest/gtest.h>

namespace millrace::manager {
namespace {

TEST(RunProgress, OfALoadComesBack) {
  const RunProgress progress{{{.table = "public.a",
                               .state = "copying",
                               .rows = 7,
                               .estimated_rows = -1,
                               .rows_per_s = 2.5,
                               .seconds_left = 9}},
                             std::nullopt};
  const auto read = parse_progress(to_json_text(progress));
  ASSERT_EQ(read.tables.size(), 1U);
  EXPECT_EQ(read.tables[0].table, "public.a");
  EXPECT_EQ(read.tables[0].estimated_rows, -1);
  EXPECT_EQ(read.tables[0].seconds_left, 9);
  EXPECT_FALSE(read.stream);
}

TEST(RunProgress, OfAStreamComesBack) {
  replication::StreamProgress stream;
  stream.applied = Lsn(0x16B3748);
  stream.lag_bytes = 12;
  stream.changes_per_s = 1.5;
  stream.caught_up = true;
  const auto read = parse_progress(to_json_text(RunProgress{{}, stream}));
  ASSERT_TRUE(read.stream);
  EXPECT_EQ(read.stream->applied, Lsn(0x16B3748));
  EXPECT_FALSE(read.stream->lag_s);
  EXPECT_TRUE(read.stream->caught_up);
}

TEST(RunProgress, ThatCannotBeReadIsNone) {
  for (const char* text : {"", "[]", "{", R"({"tables": [{}]})", R"({"tables": 3})"}) {
    const auto read = parse_progress(text);
    EXPECT_TRUE(read.tables.empty()) << text;
    EXPECT_FALSE(read.stream) << text;
  }
}

TEST(RunError, IsOneLine) {
  Error error(ErrorCode::kFenced, "Another process runs it.");
  error.because("fence 7");
  EXPECT_EQ(error_line(to_json_text(error)), "pipeline.fenced: Another process runs it. (fence 7)");
  EXPECT_EQ(error_line(""), "");
}

TEST(Life, EndsWithTheProcessOrItsSilence) {
  store::RunRecord run{.process = "p", .beat_ms = 100'000};
  EXPECT_TRUE(alive(run, 110'000));
  EXPECT_FALSE(alive(run, 120'000));
  run.ended_ms = 100'001;
  EXPECT_FALSE(alive(run, 100'002));
}

TEST(Life, OfAProcessOfThisMachineIsAsked) {
  store::RunRecord run{.process = this_process(), .beat_ms = 100'000};
  EXPECT_TRUE(alive(run, 100'001));
  // No process has a number this large (PID_MAX_LIMIT is 2^22).
  const auto host = run.process.substr(run.process.find(" on "));
  run.process = "pid 2000000000" + host;
  EXPECT_FALSE(alive(run, 100'001));
  run.process = "pid 2000000000 on elsewhere.invalid";
  EXPECT_TRUE(alive(run, 100'001));
}

}  // namespace
}  // namespace millrace::manager
