#include "server/query.hpp"

#include <gtest/gtest.h>

#include "support/error.hpp"

namespace millrace::server {
namespace {

Request with(const std::string& query) {
  Request request;
  request.query = query;
  return request;
}

TEST(Query, ReadsMomentsWithOffsets) {
  EXPECT_FALSE(moment_parameter(with(""), "from").has_value());
  EXPECT_EQ(moment_parameter(with("from=1970-01-01T00:00:01Z"), "from"), 1000);
  EXPECT_EQ(moment_parameter(with("from=1970-01-01T01:00:00.25%2B01:00"), "from"), 250);
  EXPECT_EQ(moment_parameter(with("from=2026-01-31T12:00:00-00:30"), "from"), 1'769'862'600'000);
  for (const char* text : {"1970-01-01", "1970-13-01T00:00:00Z", "1970-02-30T00:00:00Z", "1970-01-01T24:00:00Z",
                           "1970-01-01T00:00:00", "", "1970-01-01T00:00:00%2B24:00", "1970-01-01T00:00:00%2B00:60",
                           "1970-01-01T00:00:00Zx", "1970-01-01T00:00:00.Z", "now"}) {
    EXPECT_THROW(moment_parameter(with("from=" + std::string(text)), "from"), Error) << text;
  }
}

TEST(Query, RefusesWhatItDoesNotKnow) {
  EXPECT_EQ(word_parameter(with("range=7d"), "range", {"1h", "7d"}), "7d");
  EXPECT_EQ(word_parameter(with(""), "range", {"1h", "7d"}), "1h");
  EXPECT_THROW(word_parameter(with("range=9d"), "range", {"1h", "7d"}), Error);
  EXPECT_THROW(word_parameter(with("range="), "range", {"", "7d"}), Error);
  EXPECT_THROW(flag_parameter(with("discarded=yes"), "discarded"), Error);
  EXPECT_THROW(flag_parameter(with("discarded="), "discarded"), Error);
  EXPECT_THROW(page_parameters(with("pageSize=0")), Error);
  EXPECT_THROW(page_parameters(with("pageSize=1001")), Error);
  EXPECT_THROW(number_parameter(with("n=-1"), "n"), Error);
  EXPECT_THROW(number_parameter(with("n="), "n"), Error);
}

}  // namespace
}  // namespace millrace::server
