#include "preflight/table_checks.hpp"

#include <gmock/gmock.h>

#include "source_fixture.hpp"

namespace millrace::preflight {
namespace {

using schema::KeyKind;
using schema::ReplicaIdentity;
using ::testing::HasSubstr;

schema::SourceTable& table_of(SourceCheckInput& input) {
  return input.plans[0].source;
}

void make_keyless(SourceCheckInput& input) {
  table_of(input).primary_key.clear();
  input.plans[0].key.clear();
  input.plans[0].key_kind = KeyKind::kNone;
}

TEST(TableKind, UnloggedTablesAreRefused) {
  auto input = good_source();
  table_of(input).unlogged = true;
  EXPECT_EQ(fix_of(check_source_tables(input), "table.unlogged"), "ALTER TABLE \"public\".\"orders\" SET LOGGED;");
}

TEST(TableKind, APartitionIsToldToBeAPart) {
  auto input = good_source();
  table_of(input).partition = true;
  EXPECT_EQ(severity_of(check_source_tables(input), "table.partition"), Severity::kWarning);
}

TEST(TableKind, RowSecurityMattersUnlessTheUserIsSuperuser) {
  auto input = good_source();
  table_of(input).row_security = true;
  EXPECT_EQ(fix_of(check_source_tables(input), "table.row_security"), "ALTER ROLE \"repl\" BYPASSRLS;");
  input.server.user_superuser = true;
  EXPECT_EQ(severity_of(check_source_tables(input), "table.row_security"), Severity::kOk);
}

TEST(TableRights, ReadingNeedsSelect) {
  auto input = good_source();
  input.rights[0].select = false;
  EXPECT_EQ(fix_of(check_source_tables(input), "table.select_right"),
            "GRANT USAGE ON SCHEMA \"public\" TO \"repl\";\nGRANT SELECT ON \"public\".\"orders\" TO \"repl\";");
  input.rights.clear();
  EXPECT_EQ(severity_of(check_source_tables(input), "table.select_right"), Severity::kError);
}

TEST(TableRights, PublishingNeedsTheOwner) {
  auto input = good_source();
  input.rights[0].owner = false;
  const auto findings = check_source_tables(input);
  EXPECT_EQ(severity_of(findings, "table.owner"), Severity::kError);
  EXPECT_THAT(fix_of(findings, "table.owner"), HasSubstr("GRANT \"shopkeeper\" TO \"repl\";"));
  EXPECT_THAT(fix_of(findings, "table.owner"), HasSubstr("CREATE PUBLICATION \"p_pub\""));
  input.server.user_superuser = true;
  EXPECT_EQ(severity_of(check_source_tables(input), "table.owner"), Severity::kOk);
}

TEST(TableRights, SettingTheIdentityNeedsTheOwner) {
  auto input = good_source();
  input.rights[0].owner = false;
  input.publication_must_exist = true;
  input.sets_identity_full = true;
  EXPECT_EQ(fix_of(check_source_tables(input), "table.replica_identity_right"),
            "ALTER TABLE \"public\".\"orders\" REPLICA IDENTITY FULL;");
  table_of(input).replica_identity = ReplicaIdentity::kFull;
  EXPECT_EQ(severity_of(check_source_tables(input), "table.replica_identity_right"), Severity::kOk);
}

TEST(TableIdentity, NothingIsRefusedAndGoesBackToThePrimaryKey) {
  auto input = good_source();
  table_of(input).replica_identity = ReplicaIdentity::kNothing;
  EXPECT_EQ(severity_of(check_source_tables(input), "table.replica_identity"), Severity::kError);
  EXPECT_EQ(fix_of(check_source_tables(input), "table.replica_identity"),
            "ALTER TABLE \"public\".\"orders\" REPLICA IDENTITY DEFAULT;");
}

TEST(TableIdentity, WithoutAKeyItMustBeFull) {
  auto input = good_source();
  make_keyless(input);
  EXPECT_EQ(fix_of(check_source_tables(input), "table.replica_identity"),
            "ALTER TABLE \"public\".\"orders\" REPLICA IDENTITY FULL;");
  table_of(input).replica_identity = ReplicaIdentity::kFull;
  EXPECT_EQ(severity_of(check_source_tables(input), "table.replica_identity"), Severity::kOk);
}

TEST(TableIdentity, AUniqueIndexServesWhenItIsTheIdentity) {
  auto input = good_source();
  make_keyless(input);
  input.plans[0].key = {"code"};
  input.plans[0].key_kind = KeyKind::kUniqueIndex;
  table_of(input).unique_indexes = {
      {.name = "orders_code", .columns = {"code"}, .all_not_null = true, .usable_as_identity = true}};
  EXPECT_EQ(fix_of(check_source_tables(input), "table.replica_identity"),
            "ALTER TABLE \"public\".\"orders\" REPLICA IDENTITY USING INDEX \"orders_code\";");
  table_of(input).replica_identity = ReplicaIdentity::kIndex;
  table_of(input).replica_identity_index = "orders_code";
  EXPECT_EQ(severity_of(check_source_tables(input), "table.replica_identity"), Severity::kOk);
}

TEST(TableIdentity, AnIndexOverOtherColumnsDoesNotCarryTheKey) {
  auto input = good_source();
  table_of(input).unique_indexes = {
      {.name = "orders_code", .columns = {"code"}, .all_not_null = true, .usable_as_identity = true}};
  table_of(input).replica_identity = ReplicaIdentity::kIndex;
  table_of(input).replica_identity_index = "orders_code";
  EXPECT_EQ(fix_of(check_source_tables(input), "table.replica_identity"),
            "ALTER TABLE \"public\".\"orders\" REPLICA IDENTITY DEFAULT;");
}

TEST(TableIdentity, AChosenKeyNeedsFull) {
  auto input = good_source();
  input.plans[0].key = {"code"};
  input.plans[0].key_kind = KeyKind::kChosen;
  EXPECT_EQ(fix_of(check_source_tables(input), "table.replica_identity"),
            "ALTER TABLE \"public\".\"orders\" REPLICA IDENTITY FULL;");
  input.sets_identity_full = true;
  EXPECT_EQ(severity_of(check_source_tables(input), "table.replica_identity"), Severity::kOk);
}

// ALTER TABLE .. REPLICA IDENTITY on a partitioned table leaves its partitions as they are.
TEST(TablePartitions, EachOneMustBeFullWhereFullIsNeeded) {
  auto input = good_source();
  make_keyless(input);
  table_of(input).partitioned = true;
  table_of(input).replica_identity = ReplicaIdentity::kFull;
  table_of(input).partitions = {{.name = {"public", "orders_1"}, .replica_identity = ReplicaIdentity::kFull},
                                {.name = {"public", "orders_2"}}};
  const auto findings = check_source_tables(input);
  EXPECT_EQ(severity_of(findings, "table.partition_identity"), Severity::kError);
  EXPECT_EQ(fix_of(findings, "table.partition_identity"), "ALTER TABLE \"public\".\"orders_2\" REPLICA IDENTITY FULL;");
}

TEST(TablePartitions, FollowThePrimaryKeyUnlessTheyHaveNoIdentity) {
  auto input = good_source();
  table_of(input).partitioned = true;
  table_of(input).partitions = {{.name = {"public", "orders_1"}}};
  EXPECT_EQ(severity_of(check_source_tables(input), "table.partition_identity"), Severity::kOk);
  table_of(input).partitions[0].replica_identity = ReplicaIdentity::kNothing;
  EXPECT_EQ(fix_of(check_source_tables(input), "table.partition_identity"),
            "ALTER TABLE \"public\".\"orders_1\" REPLICA IDENTITY DEFAULT;");
}

}  // namespace
}  // namespace millrace::preflight
