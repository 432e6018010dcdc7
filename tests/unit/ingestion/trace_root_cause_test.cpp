#include "ingestion/trace_root_cause.hpp"

#include <gtest/gtest.h>

namespace millrace::ingestion {
namespace {

TEST(TraceRootCause, IsTheLastCauseWithoutFramesAndPackage) {
  EXPECT_EQ(trace_root_cause(
                "org.apache.kafka.connect.errors.ConnectException: Exiting WorkerSinkTask\n\tat a.b.C(D.java:1)\n"
                "Caused by: org.hibernate.JDBCException: could not execute\n\tat x.Y(Z.java:2)\n\t... 3 more\n"
                "Caused by: com.microsoft.sqlserver.jdbc.SQLServerException: Invalid object name 'dbo.orders'.\n"
                "\tat q.R(S.java:3)\n\t... 12 more\n"),
            "SQLServerException: Invalid object name 'dbo.orders'.");
}

TEST(TraceRootCause, TraceWithoutCauseGivesItsHead) {
  EXPECT_EQ(trace_root_cause("java.lang.NullPointerException\n\tat a.B(C.java:1)\n"), "NullPointerException");
  EXPECT_EQ(trace_root_cause("just words"), "just words");
  EXPECT_EQ(trace_root_cause(""), "");
}

TEST(TraceRootCause, MessageOfSeveralLinesStaysWhole) {
  EXPECT_EQ(trace_root_cause("a.B: outer\n\tat x\nCaused by: org.postgresql.util.PSQLException: ERROR: slot is active\n"
                             "  Hint: drop it\n\tat y\n"),
            "PSQLException: ERROR: slot is active\n  Hint: drop it");
}

TEST(TraceRootCause, PasswordsOfUrlsAreHiddenAndLengthIsBounded) {
  EXPECT_EQ(trace_root_cause("a.B: cannot reach postgres://ann:secretpw@db/x"),
            "B: cannot reach postgres://ann:***@db/x");
  EXPECT_LE(trace_root_cause("a.B: " + std::string(5000, 'x')).size(), 500U);
}

TEST(TraceRootCause, ACutNeverSplitsACharacter) {
  std::string trace = "a.B: ";
  for (int i = 0; i < 400; ++i) trace += "\xC3\xA9";  // e with acute accent
  for (std::size_t shift = 0; shift < 3; ++shift) {
    const auto cause = trace_root_cause("a.B: " + std::string(shift, 'x') + trace);
    EXPECT_NE(static_cast<unsigned char>(cause.back()), 0xC3U);
  }
}

}  // namespace
}  // namespace millrace::ingestion
