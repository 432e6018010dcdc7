#include "replication/table_files.hpp"

#include <gtest/gtest.h>

namespace millrace::replication {
namespace {

const TableFiles kBefore{.numbers = {{16384, 16384}}, .columns = {{1, {700, "a"}}, {2, {700, "b"}}, {3, {700, "c"}}}};

RewriteFinding judge(const TableFiles& now) {
  return judge_rewrite(kBefore, now, {1, 2});
}

TEST(TableFiles, TheSameFileIsNoRewriteWhateverChanged) {
  auto now = kBefore;
  now.columns[1] = {701, "x"};
  now.columns[2].xmin = 701;
  EXPECT_EQ(judge(now).kind, RewriteKind::kNone);
}

TEST(TableFiles, AnotherFileWithTheColumnsUntouchedHoldsTheSameRows) {
  auto now = kBefore;
  now.numbers[16384] = 20001;
  EXPECT_EQ(judge(now).kind, RewriteKind::kSame);
  now.columns[3].xmin = 701;  // not carried
  EXPECT_EQ(judge(now).kind, RewriteKind::kSame);
  now.columns[4] = {701, "new"};
  EXPECT_EQ(judge(now).kind, RewriteKind::kSame) << "a column that came is followed by the stream";
}

TEST(TableFiles, AColumnThatWasWrittenAnewAsItWasHadItsValuesComputed) {
  auto now = kBefore;
  now.numbers[16384] = 20001;
  now.columns[2].xmin = 701;
  const auto finding = judge(now);
  EXPECT_EQ(finding.kind, RewriteKind::kComputed);
  EXPECT_EQ(finding.columns, std::vector<int>{2});
}

TEST(TableFiles, AColumnThatChangedMayHaveHadThem) {
  auto now = kBefore;
  now.numbers[16384] = 20001;
  now.columns[1] = {701, "x"};
  now.columns[2].xmin = 702;
  const auto finding = judge(now);
  EXPECT_EQ(finding.kind, RewriteKind::kPossible);
  EXPECT_EQ(finding.columns, (std::vector<int>{1, 2}));
}

TEST(TableFiles, LeavesComeAndGoWithoutARewrite) {
  TableFiles before{.numbers = {{1, 11}, {2, 12}}, .columns = {{1, {700, "a"}}}};
  TableFiles now{.numbers = {{2, 12}, {3, 13}}, .columns = {{1, {701, "a"}}}};
  EXPECT_EQ(judge_rewrite(before, now, {1}).kind, RewriteKind::kNone);
  now.numbers[2] = 99;
  EXPECT_EQ(judge_rewrite(before, now, {1}).kind, RewriteKind::kComputed);
}

const TableFiles kPartitioned{.numbers = {{11, 11}, {12, 12}},
                              .columns = {},
                              .partitions = {{11, {"public.a", " 700"}}, {12, {"public.b", " 701"}}}};

TEST(TableFiles, PartitionsThatGoAreNamed) {
  TableFiles now = kPartitioned;
  now.numbers.erase(11);
  now.partitions.erase(11);
  const auto finding = judge_partitions(kPartitioned, now);
  EXPECT_EQ(finding.gone, std::vector<std::string>{"public.a"});
  EXPECT_TRUE(finding.replaced.empty());
  EXPECT_TRUE(finding.come.empty());
  EXPECT_EQ(judge_partitions(kPartitioned, kPartitioned), PartitionFinding{});
}

TEST(TableFiles, APartitionThatCameOrCameAgainIsOneToAskAbout) {
  TableFiles now = kPartitioned;
  now.numbers[13] = 13;
  now.partitions[13] = {"public.c", " 900"};
  now.partitions[12].links = " 901";
  EXPECT_EQ(judge_partitions(kPartitioned, now).come, (std::vector<std::uint32_t>{12, 13}));
}

TEST(TableFiles, OnePartitionWithAnotherFileMayHaveBeenTruncatedAllOfThemWereByTheTable) {
  TableFiles now = kPartitioned;
  now.numbers[12] = 99;
  EXPECT_EQ(judge_partitions(kPartitioned, now).replaced, std::vector<std::string>{"public.b"});
  now.numbers[11] = 98;
  EXPECT_EQ(judge_partitions(kPartitioned, now), PartitionFinding{});
}

TEST(TableFiles, WhatAnEarlierVersionLookedAtTellsNothingOfPartitions) {
  const TableFiles before{.numbers = kPartitioned.numbers, .columns = {}, .partitions = {}};
  EXPECT_EQ(judge_partitions(before, kPartitioned), PartitionFinding{});
}

}  // namespace
}  // namespace millrace::replication
