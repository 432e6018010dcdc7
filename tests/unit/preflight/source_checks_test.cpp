#include "preflight/source_checks.hpp"

#include <gmock/gmock.h>

#include <functional>

#include "source_fixture.hpp"

namespace millrace::preflight {
namespace {

using ::testing::HasSubstr;

TEST(SourceChecks, AGoodSourceGivesGoodNewsOnly) {
  const auto findings = check_source(good_source());
  EXPECT_FALSE(findings.empty());
  for (const auto& finding : findings) EXPECT_EQ(finding.severity, Severity::kOk) << finding.id << finding.found;
}

/// One thing that is wrong, and what preflight must say of it.
struct Case {
  const char* name;
  std::function<void(SourceCheckInput&)> spoil;
  const char* id;
  Severity severity;
  const char* fix;
};

void PrintTo(const Case& it, std::ostream* out) {
  *out << it.name;
}

class SourceTrouble : public ::testing::TestWithParam<Case> {};

TEST_P(SourceTrouble, IsFoundWithItsFix) {
  auto input = good_source();
  GetParam().spoil(input);
  const auto findings = check_source(input);
  const auto* finding = trouble(findings, GetParam().id);
  ASSERT_NE(finding, nullptr) << "no trouble under " << GetParam().id;
  EXPECT_EQ(finding->severity, GetParam().severity);
  EXPECT_FALSE(finding->found.empty());
  EXPECT_THAT(finding->fix, HasSubstr(GetParam().fix));
  EXPECT_EQ(has_errors(findings), GetParam().severity == Severity::kError);
}

auto named = [](const auto& info) { return std::string(info.param.name); };

using Input = SourceCheckInput;

INSTANTIATE_TEST_SUITE_P(
    Server, SourceTrouble,
    ::testing::Values(
        Case{"OldVersion", [](Input& i) { i.server.version_num = 110022; }, "source.version", Severity::kError,
             "Upgrade"},
        Case{"WalLevel", [](Input& i) { i.server.wal_level = "replica"; }, "source.wal_level", Severity::kError,
             "ALTER SYSTEM SET wal_level = 'logical';"},
        Case{"WalLevelOnRds",
             [](Input& i) {
               i.server.wal_level = "replica";
               i.server.cloud = "rds";
             },
             "source.wal_level", Severity::kError, "rds.logical_replication"},
        Case{"WalLevelOnCloudSql",
             [](Input& i) {
               i.server.wal_level = "replica";
               i.server.cloud = "cloudsql";
             },
             "source.wal_level", Severity::kError, "cloudsql.logical_decoding"},
        Case{"WalLevelOnAzure",
             [](Input& i) {
               i.server.wal_level = "replica";
               i.server.cloud = "azure";
             },
             "source.wal_level", Severity::kError, "server parameters"},
        Case{"Standby", [](Input& i) { i.server.in_recovery = true; }, "source.in_recovery", Severity::kError,
             "primary"},
        Case{"SqlAscii", [](Input& i) { i.server.encoding = "SQL_ASCII"; }, "source.encoding", Severity::kWarning,
             "UTF8"},
        Case{"NoSlotLeft", [](Input& i) { i.server.used_replication_slots = 10; }, "source.replication_slots",
             Severity::kError, "max_replication_slots = 15"},
        Case{"NoSenderLeft", [](Input& i) { i.server.used_wal_senders = 10; }, "source.wal_senders", Severity::kError,
             "max_wal_senders = 15"},
        Case{"UnlimitedWal", [](Input& i) { i.server.max_slot_wal_keep_bytes = -1; }, "source.max_slot_wal_keep_size",
             Severity::kWarning, "max_slot_wal_keep_size = '50GB'"},
        Case{"LittleWal", [](Input& i) { i.server.max_slot_wal_keep_bytes = 64 << 20; },
             "source.max_slot_wal_keep_size", Severity::kWarning, "max_slot_wal_keep_size = '50GB'"},
        Case{"IdleSlots", [](Input& i) { i.server.idle_slot_timeout_s = 3600; }, "source.idle_replication_slot_timeout",
             Severity::kWarning, "idle_replication_slot_timeout = 0"},
        Case{"ShortSenderTimeout", [](Input& i) { i.server.wal_sender_timeout_ms = 2000; }, "source.wal_sender_timeout",
             Severity::kWarning, "wal_sender_timeout = '60s'"},
        Case{"NoSenderTimeout", [](Input& i) { i.server.wal_sender_timeout_ms = 0; }, "source.wal_sender_timeout",
             Severity::kInfo, "wal_sender_timeout = '60s'"},
        Case{"LittleDecodingMemory", [](Input& i) { i.server.logical_decoding_work_mem_bytes = 64 << 10; },
             "source.logical_decoding_work_mem", Severity::kInfo, "logical_decoding_work_mem = '64MB'"},
        Case{"LongTransaction", [](Input& i) { i.server.oldest_transaction_s = 301; }, "source.open_transactions",
             Severity::kWarning, "pg_stat_activity"},
        Case{"PreparedTransaction", [](Input& i) { i.server.prepared_transactions = 1; }, "source.open_transactions",
             Severity::kWarning, "pg_prepared_xacts"},
        Case{"StatementTimeout", [](Input& i) { i.server.session_timeouts_ms["statement_timeout"] = 30'000; },
             "source.session_timeout", Severity::kWarning,
             "ALTER ROLE \"repl\" IN DATABASE \"shop\" SET statement_timeout = 0;"},
        Case{"NoReplicationRight", [](Input& i) { i.server.user_replication = false; }, "source.replication_right",
             Severity::kError, "ALTER ROLE \"repl\" WITH REPLICATION;"},
        Case{"NoReplicationRightOnRds",
             [](Input& i) {
               i.server.user_replication = false;
               i.server.cloud = "rds";
             },
             "source.replication_right", Severity::kError, "GRANT rds_replication TO \"repl\";"},
        Case{"Superuser", [](Input& i) { i.server.user_superuser = true; }, "source.superuser", Severity::kInfo,
             "GRANT script"}),
    named);

SourceCheckInput with_slot(const std::function<void(postgres::SlotFacts&)>& change) {
  auto input = good_source();
  auto slot = fitting_slot();
  change(slot);
  input.server.slots = {slot};
  return input;
}

TEST(SourceSlot, OneThatFitsIsTakenEvenWhenNoneIsLeft) {
  auto input = with_slot([](auto&) {});
  input.server.used_replication_slots = input.server.max_replication_slots;
  const auto findings = check_source(input);
  EXPECT_EQ(severity_of(findings, "source.slot"), Severity::kInfo);
  EXPECT_FALSE(has_errors(findings));
}

TEST(SourceSlot, OneThatDoesNotFitIsRefused) {
  const std::vector<std::pair<const char*, std::function<void(postgres::SlotFacts&)>>> unfit = {
      {"not a logical", [](auto& slot) { slot.plugin = "wal2json"; }},
      {"not a logical", [](auto& slot) { slot.type = "physical"; }},
      {"in database other", [](auto& slot) { slot.database = "other"; }},
      {"being read by debezium",
       [](auto& slot) {
         slot.active = true;
         slot.active_application = "debezium";
       }},
      {"invalidated", [](auto& slot) { slot.wal_status = "lost"; }},
      {"invalidated", [](auto& slot) { slot.invalidation_reason = "idle_timeout"; }},
      {"temporary", [](auto& slot) { slot.temporary = true; }},
      {"two-phase", [](auto& slot) { slot.two_phase = true; }}};
  for (const auto& [words, change] : unfit) {
    const auto findings = check_source(with_slot(change));
    const auto* finding = trouble(findings, "source.slot");
    ASSERT_NE(finding, nullptr) << words;
    EXPECT_EQ(finding->severity, Severity::kError) << words;
    EXPECT_THAT(finding->found, HasSubstr(words));
    EXPECT_THAT(finding->fix, HasSubstr("pg_drop_replication_slot('p_slot')"));
  }
}

TEST(SourceSlot, AnotherPipelinesSlotDoesNotMatter) {
  auto input = with_slot([](auto& slot) { slot.name = "other_slot"; });
  EXPECT_EQ(severity_of(check_source(input), "source.slot"), Severity::kOk);
}

}  // namespace
}  // namespace millrace::preflight
