#include "replication/verify_repair.hpp"

#include <gtest/gtest.h>

namespace millrace::replication {
namespace {

Print print(std::int64_t rows, std::uint64_t content, std::uint64_t version = 0) {
  return {.rows = rows, .content = content, .version = version, .unfit = 0};
}

TEST(VerifyJudge, OnlyWhatStoodStillOnBothSidesDiffers) {
  const Suspect before{print(1, 10, 7), print(1, 11)};
  EXPECT_EQ(judge(before, before), Finding::kDifferent);
  EXPECT_EQ(judge(before, {print(1, 10, 7), print(1, 10)}), Finding::kEqual);
  EXPECT_EQ(judge(before, {print(1, 12, 8), print(1, 12)}), Finding::kEqual);
  // Written and written back: the same content of another version.
  EXPECT_EQ(judge(before, {print(1, 10, 8), print(1, 11)}), Finding::kChanging);
  EXPECT_EQ(judge(before, {print(1, 10, 7), print(1, 12)}), Finding::kChanging);
  EXPECT_EQ(judge(before, {print(0, 0), print(1, 11)}), Finding::kChanging);
}

TEST(VerifyJudge, RowsOfOneSide) {
  const Suspect missing{print(1, 10, 7), {}};
  const Suspect extra{{}, print(1, 10)};
  EXPECT_EQ(judge(missing, missing), Finding::kDifferent);
  EXPECT_EQ(judge(extra, extra), Finding::kDifferent);
  EXPECT_EQ(judge(extra, {{}, {}}), Finding::kEqual);
  EXPECT_EQ(judge(missing, extra), Finding::kChanging);
}

TEST(VerifyRepair, OneStatementKindForEachFault) {
  const WholeRow left;
  const WholeRow right;
  const auto ops = [](const std::vector<RepairRow>& rows) {
    std::vector<NetOp> list;
    for (const auto& row : rows) list.push_back(row.op);
    return list;
  };
  using Ops = std::vector<NetOp>;
  EXPECT_EQ(ops(plan_repair(false, {&left}, {})), Ops{NetOp::kInsert});
  EXPECT_EQ(ops(plan_repair(false, {}, {&right})), Ops{NetOp::kDelete});
  EXPECT_EQ(ops(plan_repair(false, {&left}, {&right})), Ops{NetOp::kUpdate});
  EXPECT_EQ(ops(plan_repair(false, {&left}, {&right, &right})), Ops{NetOp::kReplace});
  EXPECT_EQ(ops(plan_repair(true, {&left, &left, &left}, {&right})), (Ops{NetOp::kInsert, NetOp::kInsert}));
  EXPECT_EQ(ops(plan_repair(true, {&left}, {&right, &right})), Ops{NetOp::kDelete});
  EXPECT_TRUE(plan_repair(true, {}, {}).empty());
}

}  // namespace
}  // namespace millrace::replication
