#include "postgres/ddl_capture.hpp"

#include <gmock/gmock.h>

#include "postgres/heartbeat.hpp"
#include "postgres/slot_guard.hpp"
#include "postgres/stream_reader.hpp"

namespace millrace::postgres {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class DdlCaptureTest : public StreamTest {
 protected:
  /// The payloads of one reading of the slot, from its beginning.
  std::vector<std::string> read_commits(std::size_t commits) {
    StreamReader reader(superuser());
    reader.connection().start(options());
    EXPECT_TRUE(reader.read_until('C', commits));
    return reader.payloads();
  }
  static std::vector<std::string> messages(const std::vector<std::string>& payloads) {
    std::vector<std::string> found;
    for (const auto& payload : payloads) {
      if (payload.find("millrace.ddl") != std::string::npos) found.push_back(payload.substr(payload.find('{')));
    }
    return found;
  }
};

TEST_F(DdlCaptureTest, AChangeOfATableArrivesBetweenTheRowsAroundIt) {
  Connection sql(superuser());
  install_ddl_capture(sql, {"one", "p"});
  create_slot(sql, slot());
  run(sql, {"INSERT INTO public.t VALUES (1, 'before')", "BEGIN", "INSERT INTO public.t VALUES (2, 'same')",
            "ALTER TABLE public.t ADD COLUMN n numeric(8,2) NOT NULL DEFAULT 7.50",
            "INSERT INTO public.t VALUES (3, 'behind')", "COMMIT"});
  const auto payloads = read_commits(2);
  std::string kinds;
  for (const auto& payload : payloads) kinds += payload[0];
  EXPECT_EQ(kinds, "BRICBIMMRIC");
  const auto found = messages(payloads);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_THAT(found[0], AllOf(HasSubstr(R"("command": "ALTER TABLE")"), HasSubstr(R"("publication": "p")"),
                              HasSubstr(R"("table": "t")"), HasSubstr(R"("missing": "7.50")"),
                              HasSubstr(R"-("declared": "numeric(8,2)")-"), HasSubstr(R"("dropped": false)")));
  EXPECT_TRUE(remove_ddl_capture(sql, "one"));
}

TEST_F(DdlCaptureTest, AChangeUnderASavepointComesBeforeTheRowBehindIt) {
  Connection sql(superuser());
  install_ddl_capture(sql, {"one", "p"});
  create_slot(sql, slot());
  run(sql,
      {"BEGIN", "INSERT INTO public.t VALUES (1, 'before')", "SAVEPOINT a", "ALTER TABLE public.t ADD COLUMN n int",
       "RELEASE a", "INSERT INTO public.t VALUES (2, 'behind')", "COMMIT"});
  std::string kinds;
  for (const auto& payload : read_commits(1)) kinds += payload[0];
  // The empty message may change places with the row.
  EXPECT_EQ(kinds.substr(0, 4), "BRIM");
  EXPECT_TRUE(remove_ddl_capture(sql, "one"));
}

TEST_F(DdlCaptureTest, EveryKindOfChangeOfAPublishedTableIsWritten) {
  Connection sql(superuser());
  run(sql, {"CREATE TABLE public.other (id bigint)"});
  install_ddl_capture(sql, {"one", "p"});
  create_slot(sql, slot());
  run(sql,
      {"ALTER TABLE public.other ADD COLUMN x text", "ALTER TABLE public.t RENAME COLUMN v TO w",
       "ALTER TABLE public.t ALTER COLUMN w TYPE varchar(30)", "ALTER TABLE public.t DROP COLUMN w",
       "ALTER TABLE public.t RENAME TO t2", "CREATE SCHEMA away", "ALTER TABLE public.t2 SET SCHEMA away",
       "DROP TABLE public.other", "DROP SCHEMA away CASCADE", "SELECT pg_logical_emit_message(true, 'end', '{}')"});
  StreamReader reader(superuser());
  reader.connection().start(options());
  ASSERT_TRUE(reader.read_until([&] { return reader.find("end") < reader.payloads().size(); }));
  const auto found = messages(reader.payloads());
  ASSERT_EQ(found.size(), 6U) << ::testing::PrintToString(found);
  EXPECT_THAT(found[0], HasSubstr(R"("name": "w")"));
  EXPECT_THAT(found[1], HasSubstr(R"-("declared": "character varying(30)")-"));
  EXPECT_THAT(found[2], Not(HasSubstr(R"("name": "w")")));
  EXPECT_THAT(found[3], HasSubstr(R"("table": "t2")"));
  EXPECT_THAT(found[4], HasSubstr(R"("schema": "away")"));
  EXPECT_THAT(found[5], AllOf(HasSubstr(R"("command": "DROP SCHEMA")"), HasSubstr(R"("dropped": true)"),
                              HasSubstr(R"("table": "t2")"), HasSubstr(R"("schema": "away")")));
  EXPECT_TRUE(remove_ddl_capture(sql, "one"));
}

TEST_F(DdlCaptureTest, ARewriteThatMayComputeValuesIsTold) {
  Connection sql(superuser());
  run(sql, {"ALTER TABLE public.t ADD COLUMN n int, ADD COLUMN \"B\" int",
            "CREATE TABLE public.parts (id int PRIMARY KEY, n int) PARTITION BY RANGE (id)",
            "CREATE TABLE public.parts_1 PARTITION OF public.parts FOR VALUES FROM (0) TO (10)",
            "CREATE FUNCTION public.hides() RETURNS void LANGUAGE sql AS 'ALTER TABLE public.t ALTER n TYPE int USING "
            "n + 1'",
            "CREATE FUNCTION public.shows() RETURNS void LANGUAGE plpgsql AS "
            "'BEGIN ALTER TABLE public.t ALTER n TYPE int; EXECUTE ''ALTER TABLE public.t ALTER n TYPE bigint''; END'",
            "CREATE PUBLICATION r FOR TABLE public.t, public.parts WITH (publish_via_partition_root)"});
  install_ddl_capture(sql, {"one", "r"});
  create_slot(sql, slot());
  const std::vector<std::pair<std::string, std::string>> statements = {
      {"ALTER TABLE public.t ALTER COLUMN v TYPE text USING upper(v)", "t"},
      {"ALTER TABLE public.t ALTER n TYPE int USING n", ""},  // PostgreSQL sees that it changes nothing
      {"ALTER TABLE public.t ALTER COLUMN \"n\" TYPE bigint USING \"n\"::bigint", ""},
      {"ALTER TABLE public.t ALTER COLUMN n TYPE int USING n::smallint::int", "t"},
      {"alter table public.t alter column \"B\" set data type bigint using \"B\"::bigint, alter n type bigint", ""},
      {"ALTER TABLE public.t ALTER n TYPE int USING \"B\"::int", "t"},
      {"SELECT public.shows()", ""},
      {"ALTER TABLE public.t ALTER n TYPE int", ""},
      {"SELECT public.hides() -- alter table", "t"},
      {"DO $$ BEGIN ALTER TABLE public.t ALTER n TYPE int USING -n; END $$", "t"},
      {"ALTER TABLE public.t ADD COLUMN r float8 DEFAULT random()", ""},
      {"ALTER TABLE public.parts ALTER n TYPE int USING n * 2", "parts"},
      {"VACUUM FULL public.t", ""},
      {"CLUSTER public.parts_1 USING parts_1_pkey", ""},
      {"TRUNCATE public.parts", ""}};
  for (const auto& [statement, table] : statements) {
    run(sql, {statement, "SELECT pg_logical_emit_message(true, 'mark', '')"});
  }
  StreamReader reader(superuser());
  reader.connection().start({.slot = slot(), .publication = "r"});
  std::vector<std::vector<std::string>> told(1);
  std::size_t at = 0;
  ASSERT_TRUE(reader.read_until([&] {
    for (; at < reader.payloads().size(); ++at) {
      const auto& payload = reader.payloads()[at];
      if (payload.find("mark") != std::string::npos) told.emplace_back();
      if (payload.find(R"("computed": true)") != std::string::npos) told.back().push_back(payload);
    }
    return told.size() > statements.size();
  }));
  for (std::size_t i = 0; i < statements.size(); ++i) {
    const auto& [statement, table] = statements[i];
    EXPECT_EQ(told[i].size(), table.empty() ? 0U : 1U) << statement;
    if (!table.empty() && !told[i].empty()) {
      EXPECT_THAT(told[i][0], HasSubstr("\"table\": \"" + table + "\"")) << statement;
    }
  }
  EXPECT_TRUE(remove_ddl_capture(sql, "one"));
}

TEST_F(DdlCaptureTest, APartitionThatIsAttachedWithRowsIsTold) {
  Connection sql(superuser());
  run(sql, {"CREATE TABLE public.parts (id int PRIMARY KEY) PARTITION BY RANGE (id)",
            "CREATE TABLE public.deep PARTITION OF public.parts FOR VALUES FROM (100) TO (200) PARTITION BY RANGE (id)",
            "CREATE TABLE public.empty (id int PRIMARY KEY)", "CREATE TABLE public.full (id int PRIMARY KEY)",
            "INSERT INTO public.full VALUES (21)", "CREATE TABLE public.low (id int PRIMARY KEY)",
            "INSERT INTO public.low VALUES (150)",
            "CREATE PUBLICATION r FOR TABLE public.parts WITH (publish_via_partition_root)"});
  install_ddl_capture(sql, {"one", "r"});
  create_slot(sql, slot());
  const std::vector<std::pair<std::string, std::size_t>> statements = {
      {"CREATE TABLE public.parts_1 PARTITION OF public.parts FOR VALUES FROM (0) TO (10)", 0},
      {"INSERT INTO public.parts VALUES (1)", 0},
      {"ALTER TABLE public.parts ATTACH PARTITION public.empty FOR VALUES FROM (10) TO (20)", 0},
      {"DO $$ BEGIN BEGIN ALTER TABLE public.parts ATTACH PARTITION public.full FOR VALUES FROM (20) TO (30); "
       "EXCEPTION WHEN OTHERS THEN RAISE; END; END $$",
       1},
      {"ALTER TABLE public.parts ADD COLUMN n int", 0},  // with partitions that have rows, attached before
      {"ALTER TABLE public.deep ATTACH PARTITION public.low FOR VALUES FROM (140) TO (160)", 1},
      {"ALTER TABLE public.parts DETACH PARTITION public.full", 0}};
  run(sql, {"ALTER TABLE public.low ADD COLUMN n int"});
  for (const auto& [statement, times] : statements) {
    run(sql, {statement, "SELECT pg_logical_emit_message(true, 'mark', '')"});
  }
  StreamReader reader(superuser());
  reader.connection().start({.slot = slot(), .publication = "r"});
  std::vector<std::size_t> told(1);
  std::size_t at = 0;
  ASSERT_TRUE(reader.read_until([&] {
    for (; at < reader.payloads().size(); ++at) {
      const auto& payload = reader.payloads()[at];
      if (payload.find("mark") != std::string::npos) told.push_back(0);
      if (payload.find(R"("attached": true)") == std::string::npos) continue;
      ++told.back();
      EXPECT_THAT(payload, HasSubstr(R"("table": "parts")"));
    }
    return told.size() > statements.size();
  }));
  for (std::size_t i = 0; i < statements.size(); ++i) EXPECT_EQ(told[i], statements[i].second) << statements[i].first;
  EXPECT_TRUE(remove_ddl_capture(sql, "one"));
}

TEST_F(DdlCaptureTest, CapturesOfSeveralPipelinesAreApartAndLeaveNothing) {
  Connection sql(superuser());
  EXPECT_TRUE(may_capture_ddl(sql));
  EXPECT_FALSE(remove_ddl_capture(sql, "one"));
  install_ddl_capture(sql, {"one", "p"});
  install_ddl_capture(sql, {"two \"x\" 'y'", "it's"});
  install_ddl_capture(sql, {"one", "p"});  // again: replaced
  EXPECT_EQ(sql.query("SELECT count(*) FROM pg_event_trigger").integer(0, 0), 6);
  EXPECT_TRUE(remove_ddl_capture(sql, "one"));
  EXPECT_EQ(sql.query("SELECT count(*) FROM pg_event_trigger").integer(0, 0), 3);
  EXPECT_TRUE(remove_ddl_capture(sql, "two \"x\" 'y'"));
  EXPECT_EQ(sql.query("SELECT count(*) FROM pg_event_trigger").integer(0, 0), 0);
  EXPECT_TRUE(sql.query("SELECT 1 FROM pg_namespace WHERE nspname = 'millrace'").empty());
}

TEST_F(DdlCaptureTest, WithoutTheRightItIsRefusedAndNothingStays) {
  Connection sql(superuser());
  run(sql, {"GRANT CREATE ON DATABASE " + name() + " TO " + name()});
  Connection plain(plain_user());
  EXPECT_FALSE(may_capture_ddl(plain));
  EXPECT_EQ(code_of([&] { install_ddl_capture(plain, {"one", "p"}); }), ErrorCode::kSourcePermission);
  EXPECT_TRUE(sql.query("SELECT 1 FROM pg_namespace WHERE nspname = 'millrace'").empty());
  EXPECT_EQ(code_of([&] { install_ddl_capture(sql, {std::string(45, 'x'), "p"}); }), ErrorCode::kNameInvalid);
}

TEST_F(DdlCaptureTest, AUserWithoutRightsOnAnothersCaptureHasNothingToRemove) {
  Connection sql(superuser());
  install_ddl_capture(sql, {"one", "p"});
  Connection plain(plain_user());
  EXPECT_FALSE(remove_ddl_capture(plain, "two"));
  EXPECT_TRUE(remove_ddl_capture(sql, "one"));
}

TEST_F(DdlCaptureTest, AUserWithoutRightsOnTheCaptureCanChangeATable) {
  Connection sql(superuser());
  run(sql, {"ALTER TABLE public.t OWNER TO " + name(), "GRANT CREATE ON SCHEMA public TO " + name()});
  install_ddl_capture(sql, {"one", "p"});
  create_slot(sql, slot());
  Connection plain(plain_user());
  run(plain, {"SET datestyle = 'German'", "ALTER TABLE public.t ADD COLUMN d date DEFAULT '2024-02-29'"});
  const auto found = messages(read_commits(1));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_THAT(found[0], HasSubstr(R"("missing": "2024-02-29")"));
  EXPECT_TRUE(remove_ddl_capture(sql, "one"));
}

TEST_F(DdlCaptureTest, AShapeHasTheMissingValues) {
  Connection sql(superuser());
  run(sql, {"INSERT INTO public.t VALUES (1, 'a')", "ALTER TABLE public.t DROP COLUMN v",
            "ALTER TABLE public.t ADD COLUMN \"Text\" varchar(20) NOT NULL DEFAULT E'a\"b,{c}\\\\d'",
            "ALTER TABLE public.t ADD COLUMN list int[] DEFAULT '{1,2}'"});
  const auto shape = read_table_shape(sql, {"public", "t"});
  ASSERT_TRUE(shape);
  ASSERT_EQ(shape->columns.size(), 3U);
  EXPECT_EQ(shape->columns[0].missing, std::nullopt);
  EXPECT_EQ(shape->columns[0].type, Oid{20});
  EXPECT_EQ(shape->columns[1].attnum, 3);
  EXPECT_EQ(shape->columns[1].name, "Text");
  EXPECT_EQ(shape->columns[1].modifier, 24);
  EXPECT_TRUE(shape->columns[1].not_null);
  EXPECT_EQ(shape->columns[1].missing, "a\"b,{c}\\d");
  EXPECT_EQ(shape->columns[2].missing, "{1,2}");
  EXPECT_EQ(read_table_shape(sql, shape->oid)->name.name, "t");
  EXPECT_FALSE(read_table_shape(sql, {"public", "nothing"}));
}

TEST_F(StreamTest, AHeartbeatGivesTheStreamAPosition) {
  Connection sql(superuser());
  create_slot(sql, slot());
  StreamReader reader(superuser());
  reader.connection().start(options());
  const Lsn beat = emit_heartbeat(sql, "millrace.heartbeat", "x");
  ASSERT_TRUE(reader.read_until([&] { return reader.find("millrace.heartbeat") < reader.payloads().size(); }));
  ASSERT_TRUE(reader.read_until([&] { return reader.keepalive() >= beat || reader.count('C') > 0; }));
}

TEST_F(StreamTest, ASlotsPositionIsJudged) {
  Connection sql(superuser());
  EXPECT_FALSE(read_slot_position(sql, slot()).exists);
  create_slot(sql, slot());
  ReplicationConnection connection(superuser());
  const auto identity = connection.identify();
  const auto position = read_slot_position(sql, slot());
  EXPECT_EQ(position.system_identifier, identity.system_identifier);
  EXPECT_EQ(position.timeline, identity.timeline);
  EXPECT_GE(position.wal, identity.flush_lsn);
  SlotExpectation expected{slot(), identity.system_identifier, position.confirmed_flush.value()};
  EXPECT_FALSE(judge(position, expected));
  // Read by somebody else, who confirms.
  {
    StreamReader other(superuser());
    other.connection().start(options());
    EXPECT_EQ(judge(read_slot_position(sql, slot()), expected)->code(), ErrorCode::kSlotInUse);
    run(sql, {"INSERT INTO public.t VALUES (1, 'so that there is a newer position')"});
    other.connection().confirm(*Lsn::parse(sql.query("SELECT pg_current_wal_lsn()").text(0, 0)));
    ASSERT_TRUE(other.read_until([&] { return find_slot(sql, slot())->confirmed_flush > expected.checkpoint; }));
  }
  EXPECT_EQ(judge(read_slot_position(sql, slot()), expected)->code(), ErrorCode::kSlotUnfit);
}

}  // namespace
}  // namespace millrace::postgres
