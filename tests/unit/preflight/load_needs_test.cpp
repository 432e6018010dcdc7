#include <gtest/gtest.h>

#include "preflight/target_checks.hpp"
#include "source_fixture.hpp"

namespace millrace::preflight {
namespace {

TEST(LoadNeeds, ASlotMoreForAWhile) {
  auto input = good_source();
  input.server.max_replication_slots = 2;
  EXPECT_EQ(severity_of(check_source(input), "source.replication_slots"), Severity::kOk);
  input.temporary_slots = 1;
  const auto findings = check_source(input);
  EXPECT_EQ(severity_of(findings, "source.replication_slots"), Severity::kError);
  EXPECT_EQ(trouble(findings, "source.replication_slots")->found,
            "1 of 2 replication slots are taken: the pipeline needs 2 (one of them for its load)");
}

TEST(LoadNeeds, ASenderMoreForAWhile) {
  auto input = good_source();
  input.temporary_slots = 1;
  input.server.max_wal_senders = 2;
  input.server.used_wal_senders = 1;
  EXPECT_EQ(severity_of(check_source(input), "source.wal_senders"), Severity::kError);
  input.server.used_wal_senders = 0;
  EXPECT_EQ(severity_of(check_source(input), "source.wal_senders"), Severity::kOk);
}

TEST(LoadNeeds, OnlyTheTemporarySlotWhenThePipelinesIsThere) {
  auto input = good_source();
  input.server.slots = {fitting_slot()};
  input.server.max_replication_slots = 2;
  input.temporary_slots = 1;
  EXPECT_EQ(severity_of(check_source(input), "source.replication_slots"), Severity::kOk);
  input.server.used_replication_slots = 2;
  EXPECT_EQ(severity_of(check_source(input), "source.replication_slots"), Severity::kError);
}

TEST(InsertsOnly, IsSaidWhereItIsCarried) {
  auto input = good_source();
  input.plans[0].source.replica_identity = schema::ReplicaIdentity::kNothing;
  EXPECT_EQ(severity_of(check_source(input), "table.replica_identity"), Severity::kError);
  input.inserts_only = true;
  EXPECT_EQ(severity_of(check_source(input), "table.replica_identity"), Severity::kOk);
  EXPECT_EQ(severity_of(check_source(input), "table.inserts_only"), Severity::kWarning);
}

TEST(Constraints, AreJudgedByTheOrderInWhichTheEngineWrites) {
  schema::TablePlan plan;
  plan.target.name = {"dbo", "orders"};
  TargetCheckInput input{.schema = "dbo", .plans = {plan}};
  input.existing[plan.target.name] = {plan.target, {.foreign_keys = {"fk_customer"}}};
  EXPECT_NE(trouble(check_target(input), "target.foreign_keys")->found.find("independently of each other"),
            std::string::npos);
  input.keeps_source_order = true;
  const auto findings = check_target(input);
  EXPECT_EQ(trouble(findings, "target.foreign_keys")->found.find("independently"), std::string::npos);
  EXPECT_NE(trouble(findings, "target.foreign_keys")->found.find("in the source's order"), std::string::npos);
}

class RowsOnTargetTest : public ::testing::Test {
 protected:
  RowsOnTargetTest() {
    schema::TablePlan plan;
    plan.source.name = {"public", "orders"};
    plan.target.name = {"dbo", "orders"};
    input.schema = "dbo";
    input.plans = {plan};
    input.existing[plan.target.name] = {plan.target, {.rows = 7}};
  }

  Severity found() const { return severity_of(check_target(input), "target.rows"); }

  TargetCheckInput input;
};

TEST_F(RowsOnTargetTest, AreJudgedByWhatTheLoadDoesWithThem) {
  EXPECT_EQ(found(), Severity::kWarning);
  input.rows_on_target = RowsOnTarget::kRemoved;
  EXPECT_EQ(found(), Severity::kWarning);
  input.rows_on_target = RowsOnTarget::kRefused;
  EXPECT_EQ(found(), Severity::kError);
  EXPECT_NE(fix_of(check_target(input), "target.rows").find("--load-policy truncate"), std::string::npos);
}

TEST_F(RowsOnTargetTest, DoNotMatterWithoutALoad) {
  input.rows_on_target = RowsOnTarget::kRefused;
  input.loads = false;
  EXPECT_EQ(found(), Severity::kOk);
}

}  // namespace
}  // namespace millrace::preflight
