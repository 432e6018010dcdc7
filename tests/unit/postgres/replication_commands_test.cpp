#include <gtest/gtest.h>

#include "postgres/copy_reader.hpp"
#include "postgres/heartbeat.hpp"
#include "postgres/replication_connection.hpp"

namespace millrace::postgres {
namespace {

StreamOptions options() {
  return {.slot = "s", .publication = "p", .start = Lsn(0x16B374D848)};
}

TEST(StartReplicationSql, AsksForWhatTheVersionKnows) {
  auto asked = options();
  asked.binary = true;
  EXPECT_EQ(start_replication_sql(asked, 180000),
            "START_REPLICATION SLOT \"s\" LOGICAL 16/B374D848 (proto_version '4', publication_names '\"p\"', "
            "binary 'true', streaming 'on', messages 'true')");
  EXPECT_EQ(start_replication_sql(options(), 150003),
            "START_REPLICATION SLOT \"s\" LOGICAL 16/B374D848 (proto_version '3', publication_names '\"p\"', "
            "streaming 'on', messages 'true')");
  EXPECT_EQ(start_replication_sql(asked, 140000),
            "START_REPLICATION SLOT \"s\" LOGICAL 16/B374D848 (proto_version '2', publication_names '\"p\"', "
            "binary 'true', streaming 'on', messages 'true')");
  EXPECT_EQ(start_replication_sql(asked, 130000),
            "START_REPLICATION SLOT \"s\" LOGICAL 16/B374D848 (proto_version '1', publication_names '\"p\"')");
}

TEST(StartReplicationSql, OptionsTurnPartsOnAndOff) {
  auto asked = options();
  asked.streaming = false;
  asked.messages = false;
  asked.two_phase = true;
  asked.skip_replicated = true;
  EXPECT_EQ(start_replication_sql(asked, 160000),
            "START_REPLICATION SLOT \"s\" LOGICAL 16/B374D848 (proto_version '4', publication_names '\"p\"', "
            "two_phase 'on', origin 'none')");
  asked.protocol = 1;
  EXPECT_THROW(start_replication_sql(asked, 160000), Error) << "two_phase needs protocol 3";
  asked = options();
  asked.protocol = 4;
  EXPECT_THROW(start_replication_sql(asked, 150000), Error);
  asked.protocol = 1;
  EXPECT_EQ(start_replication_sql(asked, 160000).find("streaming"), std::string::npos);
}

TEST(StartReplicationSql, NamesAreQuotedTwice) {
  auto asked = options();
  asked.publication = "it's \"a\\b";
  EXPECT_NE(start_replication_sql(asked, 160000).find("publication_names '\"it''s \"\"a\\b\"'"), std::string::npos);
}

TEST(TemporarySlotSql, KnowsBothForms) {
  EXPECT_EQ(temporary_slot_sql("s", 150000),
            "CREATE_REPLICATION_SLOT \"s\" TEMPORARY LOGICAL pgoutput (SNAPSHOT 'export')");
  EXPECT_EQ(temporary_slot_sql("s", 140000),
            "CREATE_REPLICATION_SLOT \"s\" TEMPORARY LOGICAL pgoutput EXPORT_SNAPSHOT");
}

TEST(HeartbeatSql, IsFlushedAtOnceOnEveryVersion) {
  EXPECT_EQ(heartbeat_sql(170000), "SELECT pg_logical_emit_message(false, $1, $2::text, true)");
  EXPECT_EQ(heartbeat_sql(160000), "SELECT pg_logical_emit_message(true, $1, $2::text)");
}

TEST(CopySql, RangesAreHalfOpen) {
  TablePart part{.relation = {"s", "a\"b"}, .blocks = {.first = 10, .end = 20}};
  EXPECT_EQ(copy_sql(part, {"\"x\"", "y::text"}),
            "COPY (SELECT \"x\", y::text FROM ONLY \"s\".\"a\"\"b\" WHERE ctid >= '(10,0)'::pg_catalog.tid AND "
            "ctid < '(20,0)'::pg_catalog.tid) TO STDOUT (FORMAT binary)");
  part.blocks = {.first = 0, .end = 20};
  EXPECT_EQ(copy_sql(part, {"x"}),
            "COPY (SELECT x FROM ONLY \"s\".\"a\"\"b\" WHERE ctid < '(20,0)'::pg_catalog.tid) "
            "TO STDOUT (FORMAT binary)");
  part.blocks = {.first = 20, .end = {}};
  EXPECT_EQ(copy_sql(part, {"x"}),
            "COPY (SELECT x FROM ONLY \"s\".\"a\"\"b\" WHERE ctid >= '(20,0)'::pg_catalog.tid) "
            "TO STDOUT (FORMAT binary)");
  part.where = "x = 1 OR x = 2";
  EXPECT_EQ(copy_sql(part, {"x"}),
            "COPY (SELECT x FROM ONLY \"s\".\"a\"\"b\" WHERE ctid >= '(20,0)'::pg_catalog.tid AND (x = 1 OR x = 2)) "
            "TO STDOUT (FORMAT binary)");
  part.where.clear();
  part.whole = true;
  EXPECT_EQ(copy_sql(part, {"x"}, false), "COPY (SELECT x FROM \"s\".\"a\"\"b\") TO STDOUT (FORMAT binary)");
}

}  // namespace
}  // namespace millrace::postgres
