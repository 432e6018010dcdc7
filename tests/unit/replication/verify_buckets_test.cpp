#include "replication/verify_buckets.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "support/error.hpp"

namespace millrace::replication {
namespace {

TEST(VerifyBuckets, CountsArePowersOfTwoWithinBounds) {
  EXPECT_EQ(bucket_count(-1), 1024U);
  EXPECT_EQ(bucket_count(0), 1024U);
  EXPECT_EQ(bucket_count(1'000'000), 32'768U);
  EXPECT_EQ(bucket_count(std::numeric_limits<std::int64_t>::max()), 65'536U);
}

TEST(VerifyBuckets, LowBitsDecideAlsoOfNegativeNumbers) {
  EXPECT_EQ(bucket_of(-1, 1024), 1023U);
  EXPECT_EQ(bucket_of(1024, 1024), 0U);
  EXPECT_EQ(bucket_of(std::numeric_limits<std::int64_t>::min(), 1024), 0U);
  EXPECT_EQ(bucket_sql("x.h", 1024), "CONVERT(int, x.h & 1023)");
}

TEST(VerifyBuckets, SumsBeyondSixtyFourBits) {
  EXPECT_TRUE(parse_int128("-18446744073709551616") == -(Int128{1} << 64U));
  EXPECT_TRUE(parse_int128("0") == 0);
  EXPECT_THROW(parse_int128(""), Error);
  EXPECT_THROW(parse_int128("-"), Error);
  EXPECT_THROW(parse_int128("1.5"), Error);
}

TEST(VerifyBuckets, GroupsHoldEveryDifferingBucketOnce) {
  BucketTotals source(6, {10, 1});
  BucketTotals target = source;
  target[1].sum = 2;     // another value
  target[2].rows = 9;    // a row less
  target[4] = {300, 1};  // many more: a group of its own
  target[5].sum = -1;
  const auto groups = differing_groups(source, target, 50, 1000);
  EXPECT_EQ(groups, (std::vector<std::vector<std::uint32_t>>{{1, 2}, {4}, {5}}));
  EXPECT_EQ(differing_groups(source, target, 1'000'000, 1).size(), 4U);
  EXPECT_TRUE(differing_groups(source, source).empty());
}

}  // namespace
}  // namespace millrace::replication
