#include "cli/answer_reading.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "cli/answer_members.hpp"
#include "cli/settings_document.hpp"
#include "pipeline/answers_json.hpp"
#include "pipeline/spec_json.hpp"
#include "server/api_json.hpp"
#include "server/problem.hpp"
#include "server/verify_json.hpp"
#include "support/error.hpp"

namespace millrace::cli {
namespace {

using nlohmann::ordered_json;

/// What the server makes of a document, as it comes out of the wire.
ordered_json sent(const ordered_json& document) {
  return ordered_json::parse(server::to_api(document).dump());
}

TEST(ReadStatus, GivesWhatTheServerHad) {
  pipeline::PipelineStatus status;
  status.pipeline = "SHOP";
  status.state = pipeline::State::kDegraded;
  status.reason = "a task is unassigned";
  status.engine = "kafka-connect";
  status.process = "pid 7 on host";
  status.slot_active = true;
  status.slot_lag_bytes = std::int64_t{1} << 60;
  status.slot_retained_bytes = 8192;
  status.slot_wal_status = "reserved";
  status.sink_lag_messages = 3;
  status.applied_lsn = "0/16B3748";
  status.apply_lag_bytes = 2048;
  status.apply_lag_s = 0.5;
  status.changes_per_s = 7.25;
  status.last_change_ms = 1764358500123;
  status.schema_policy = "apply";
  status.warnings = {"one"};
  status.connectors = {{.name = "SHOP-source",
                        .kind = "source",
                        .state = "RUNNING",
                        .tasks = {{.id = 0, .state = "FAILED", .worker = "w:1", .root_cause = "because"}}}};
  status.tables = {{.source = "public.a",
                    .target = "dbo.a",
                    .topic = "SHOP.public.a",
                    .messages = 5,
                    .lag_messages = 1,
                    .target_rows = 5,
                    .last_change_ms = 1764358500000,
                    .load_state = "copying",
                    .loaded_rows = 5,
                    .estimated_rows = 10},
                   {.source = "public.b", .target = "dbo.b"}};
  const auto document = pipeline::status_json(status);
  EXPECT_EQ(pipeline::status_json(read_status(sent(document))), document);
}

TEST(ReadPlan, GivesTheDocumentOfThePlan) {
  const ordered_json document{
      {"pipeline", "SHOP"},
      {"schema_policy", nullptr},
      {"adopts_slot", false},
      {"findings", {{{"id", "x"}, {"severity", "warning"}, {"found", "y"}}}},
      {"tables",
       {{{"source", "public.a"},
         {"key_kind", "primary-key"},
         {"estimated_rows", nullptr},
         {"bytes", std::int64_t{1} << 60},
         {"columns", {{{"name", "id"}, {"target_name", "id"}, {"source_type", "bigint"}, {"notes", {"n"}}}}}}}},
      {"source_statements", {"CREATE"}},
      {"connectors", {{"SHOP-source", {{"plugin.name", "pgoutput"}}}}},
      {"connector_reasons", {{"SHOP-source", {{"plugin.name", "The built-in one."}}}}}};
  EXPECT_EQ(read_plan(sent(document)), document);
}

TEST(ReadVerdicts, GiveWhatTheServerFound) {
  replication::TableVerdict verdict{.source = {"public", "a.b"},
                                    .target = {"dbo", "a"},
                                    .source_rows = 5,
                                    .target_rows = 4,
                                    .missing = 1,
                                    .still_changing = 2,
                                    .repaired = 3,
                                    .seconds = 1.5};
  verdict.rows = {{.fault = replication::RowFault::kMissing, .key = {{"id", "1"}, {"part", std::nullopt}}},
                  {.fault = replication::RowFault::kDifferent, .columns = {{"v", "a", std::nullopt}}, .copies = 2},
                  {.fault = replication::RowFault::kExtra, .note = "why"}};
  verdict.repaired_rows = {verdict.rows[0]};
  const replication::TableVerdict waiting{.source = {"public", "c"}, .target = {"dbo", "c"}, .loaded = false};
  const auto document = server::verify_json("SHOP", {verdict, waiting});
  EXPECT_EQ(server::verify_json("SHOP", read_verdicts(document)), document);
}

TEST(ReadQuarantined, GivesWhatTheServerKept) {
  const replication::QuarantineEntry entry{.id = 17,
                                           .source = "public.a",
                                           .target = "dbo.a",
                                           .op = "insert",
                                           .lsn = Lsn(0x16B3748),
                                           .commit_ms = 1764358500123,
                                           .key_text = "id=1",
                                           .row_json = R"({"id":"1","v":null})",
                                           .reason = "too long",
                                           .created_ms = 1764358500000};
  const auto document = server::quarantined_json(entry, true);
  EXPECT_EQ(server::quarantined_json(read_quarantined(document), true), document);
}

TEST(ReadRetried, GivesEveryOutcome) {
  using enum replication::RetriedRow::Outcome;
  std::vector<replication::RetriedRow> rows;
  for (const auto outcome : {kWritten, kGone, kRefused, kUnfindable, kChanging}) {
    rows.push_back({.source = "public.a", .key_text = "id=1", .outcome = outcome, .reason = "r"});
  }
  const auto document = server::retried_json("SHOP", rows);
  EXPECT_EQ(server::retried_json("SHOP", read_retried(document)), document);
}

TEST(ReadProblem, IsTheErrorThatTheServerMet) {
  Error met(ErrorCode::kSecretMissing, "The way changes.",
            {.pipeline = "SHOP", .table = "public.a", .field = "source.trust_server"});
  met.because("why").note("one").suggest("Do this.");
  const auto read = read_problem(ordered_json::parse(server::problem(met, "id-1").body));
  EXPECT_EQ(read.code(), met.code());
  EXPECT_EQ(read.message(), met.message());
  EXPECT_EQ(read.context().field, "source.trust_server");
  EXPECT_EQ(read.context().pipeline, "SHOP");
  EXPECT_EQ(read.context().table, "public.a");
  EXPECT_EQ(read.cause(), "why");
  EXPECT_EQ(read.notes(), std::vector<std::string>{"one"});
  EXPECT_EQ(read.suggestion(), "Do this.");
}

TEST(ReadProblem, OfANewerServerKeepsItsWords) {
  const auto read = read_problem({{"code", "moon.full"}, {"status", 409}, {"detail", "Wait."}});
  EXPECT_EQ(read.code(), ErrorCode::kUsage);
  EXPECT_EQ(read.message(), "Wait.");
  EXPECT_EQ(read_problem({{"code", "moon.full"}, {"status", 503}}).code(), ErrorCode::kInternal);
}

TEST(Answers, OfAnotherShapeAreRefusedByTheMembersName) {
  try {
    read_status({{"pipeline", 7}});
    FAIL() << "a number is no name";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kServerUnreachable);
    EXPECT_THAT(error.message(), ::testing::HasSubstr("pipeline"));
  }
  EXPECT_THROW(read_status({{"applyLagBytes", "12x"}}), Error);
  EXPECT_THROW(read_status({{"lastChangeAt", "yesterday"}}), Error);
}

TEST(ParseUtc, ReadsWhatTheServerWrites) {
  for (const std::int64_t moment : {std::int64_t{0}, std::int64_t{1764358500123}, std::int64_t{951782400000}}) {
    EXPECT_EQ(parse_utc(server::rfc3339(moment)), moment);
  }
  EXPECT_EQ(parse_utc("2026-02-30T00:00:00.000Z"), std::nullopt);
  EXPECT_EQ(parse_utc("2026-02-01T00:00:00.000Z "), std::nullopt);
}

pipeline::PipelineSpec described(pipeline::EngineKind engine) {
  pipeline::PipelineSpec spec;
  spec.name = "SHOP";
  spec.engine = engine;
  spec.source = {.host = "pg", .database = "shop", .user = "u", .password = Secret("source-secret")};
  spec.target = {.host = "sql", .database = "copy", .user = "t", .password = Secret("target-secret")};
  spec.tables = {"public.orders"};
  spec.mapping.tables[{"public", "orders"}] = {.exclude_columns = {"note"}, .key_columns = {"id"}};
  spec.kafka.connect.url = engine == pipeline::EngineKind::kKafkaConnect ? "http://c:8083" : "";
  spec.kafka.source_overrides = {{"poll.interval.ms", "5"}};
  return spec;
}

TEST(SettingsDocument, HasTheOwnEnginesSectionAloneAndNoSecrets) {
  const auto embedded = settings_document(described(pipeline::EngineKind::kEmbedded), false);
  EXPECT_TRUE(embedded.contains("embedded"));
  EXPECT_FALSE(embedded.contains("kafka_connect"));
  EXPECT_EQ(embedded.dump().find("secret\""), std::string::npos);
  EXPECT_EQ(embedded.begin().key(), "name");
  const auto kafka = settings_document(described(pipeline::EngineKind::kKafkaConnect), true);
  EXPECT_FALSE(kafka.contains("embedded"));
  EXPECT_EQ(kafka["source"]["password"], "source-secret");
}

TEST(SettingsDocument, GoesThroughTheApiAndComesBack) {
  for (const auto engine : {pipeline::EngineKind::kEmbedded, pipeline::EngineKind::kKafkaConnect}) {
    const auto document = settings_document(described(engine), true);
    const auto received = server::from_api(nlohmann::json::parse(server::to_api(document).dump()));
    EXPECT_EQ(settings_document(pipeline::spec_from_json(received), true), document);
  }
}

}  // namespace
}  // namespace millrace::cli
