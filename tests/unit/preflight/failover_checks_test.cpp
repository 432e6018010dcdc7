#include "preflight/failover_checks.hpp"

#include <gtest/gtest.h>

#include "source_fixture.hpp"

namespace millrace::preflight {
namespace {

/// A primary of version 17 whose one standby does all it should.
SourceCheckInput with_standby() {
  auto input = good_source();
  input.slot_failover = true;
  input.server.version_num = 170002;
  input.server.version = "17.2";
  input.server.slots = {{.name = "standby1", .type = "physical", .active = true, .holds_xmin = true}};
  input.server.failover = {.standby_synchronizes = true,
                           .synchronized_standby_slots = {"standby1"},
                           .sync_replication_slots = true,
                           .hot_standby_feedback = true,
                           .conninfo_names_database = true};
  return input;
}

TEST(Failover, IsSetUpWhenTheStandbySynchronizesAndIsWaitedFor) {
  for (const auto& finding : check_failover(with_standby())) EXPECT_EQ(finding.severity, Severity::kOk) << finding.id;
}

TEST(Failover, IsRefusedBeforeVersion17) {
  auto input = with_standby();
  input.server.version_num = 160004;
  input.server.version = "16.4";
  const auto findings = check_source(input);
  EXPECT_EQ(severity_of(findings, "source.failover"), Severity::kError);
  EXPECT_NE(trouble(findings, "source.failover")->found.find("16.4"), std::string::npos);
}

TEST(Failover, AnExistingSlotMustBeMadeForIt) {
  auto input = with_standby();
  input.server.slots.push_back(fitting_slot());
  EXPECT_EQ(severity_of(check_failover(input), "source.failover"), Severity::kError);
  input.server.slots.back().failover = true;
  EXPECT_EQ(severity_of(check_failover(input), "source.failover"), Severity::kOk);
}

TEST(Failover, ASynchronizingStandbyIsToldOfWhenItIsNotAskedFor) {
  auto input = with_standby();
  input.slot_failover = false;
  EXPECT_EQ(severity_of(check_failover(input), "source.failover"), Severity::kWarning);
  EXPECT_EQ(fix_of(check_failover(input), "source.failover"), "Use --slot-failover.");
  input.server.failover.standby_synchronizes = false;
  EXPECT_TRUE(check_failover(input).empty());
}

TEST(Failover, NeedsAStandbyThatSynchronizes) {
  auto input = with_standby();
  input.server.failover.standby_synchronizes = false;
  EXPECT_EQ(severity_of(check_failover(input), "source.failover_standby"), Severity::kWarning);
  EXPECT_NE(fix_of(check_failover(input), "source.failover_standby").find("dbname="), std::string::npos);
  input.server.slots[0].active = false;
  EXPECT_NE(trouble(check_failover(input), "source.failover_standby")->found.find("no standby is connected"),
            std::string::npos);
}

TEST(Failover, NeedsItsFeedback) {
  auto input = with_standby();
  input.server.slots[0].holds_xmin = false;
  const auto findings = check_failover(input);
  EXPECT_EQ(severity_of(findings, "source.failover_feedback"), Severity::kWarning);
  EXPECT_EQ(trouble(findings, "source.failover_feedback")->object, "standby1");
}

TEST(Failover, TheCopyMustNotRunAheadOfTheStandby) {
  auto input = with_standby();
  input.server.failover.synchronized_standby_slots.clear();
  EXPECT_NE(fix_of(check_failover(input), "source.failover_order").find("synchronized_standby_slots = 'standby1'"),
            std::string::npos);
  input.server.failover.synchronized_standby_slots = {"standby1", "gone"};
  const auto findings = check_failover(input);
  EXPECT_EQ(trouble(findings, "source.failover_order")->object, "gone");
}

TEST(Failover, TheServersOwnSettingsCountWhenItComesBack) {
  auto input = with_standby();
  input.server.failover.hot_standby_feedback = false;
  input.server.failover.conninfo_names_database = false;
  const auto findings = check_failover(input);
  EXPECT_EQ(severity_of(findings, "source.failover_way_back"), Severity::kInfo);
  EXPECT_TRUE(trouble(findings, "source.failover_way_back")
                  ->found.starts_with("hot_standby_feedback is off, primary_conninfo names no dbname:"));
  input.server.failover.hot_standby_feedback = true;
  input.server.failover.conninfo_names_database.reset();
  EXPECT_EQ(severity_of(check_failover(input), "source.failover_way_back"), Severity::kOk);
}

}  // namespace
}  // namespace millrace::preflight
