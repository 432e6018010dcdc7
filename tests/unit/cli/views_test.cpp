#include "cli/views.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "pipeline/answers_json.hpp"

namespace millrace::cli {
namespace {

using nlohmann::json;

template <typename Show, typename... Arguments>
std::string shown(Show show, Format format, const Arguments&... arguments) {
  std::ostringstream out;
  show(out, format, arguments...);
  return out.str();
}

manager::CreateResult embedded() {
  manager::CreateResult result;
  result.pipeline_id = "SHOP";
  result.status = "active";
  result.runs_in_process = true;
  return result;
}

pipeline::PipelineStatus loading() {
  pipeline::PipelineStatus status;
  status.pipeline = "SHOP";
  status.state = pipeline::State::kRunning;
  status.reason = "loading: 1 of 2 table(s) ready";
  status.engine = "embedded";
  status.process = "pid 7 on host";
  status.applied_lsn = "0/16B3748";
  status.apply_lag_bytes = 2048;
  status.slot_lag_bytes = 4096;
  status.slot_retained_bytes = 8192;
  status.slot_wal_status = "reserved";
  status.tables = {{.source = "public.a", .target = "dbo.a", .target_rows = 5, .load_state = "ready", .loaded_rows = 5},
                   {.source = "public.b", .target = "dbo.b", .load_state = "copying", .loaded_rows = 10}};
  return status;
}

TEST(Created, SaysWhatComesNextForAnEngineThatRunsHere) {
  EXPECT_EQ(shown(show_created, Format::kTable, embedded()),
            "\n✓ Pipeline created! `millrace run SHOP` loads and streams.\n");
  const auto document = json::parse(shown(show_created, Format::kJson, embedded()));
  EXPECT_EQ(document["next"], "millrace run SHOP");
  EXPECT_EQ(document["kafka_topics"], json::array());
}

TEST(Created, IsActiveAtOnceThroughKafkaConnect) {
  auto result = embedded();
  result.runs_in_process = false;
  result.debezium_connector_name = "SHOP-source";
  result.sink_connector_name = "SHOP-sink";
  EXPECT_EQ(shown(show_created, Format::kTable, result),
            "\n✓ Pipeline created! Real-time CDC active.\n"
            "  pipeline  SHOP\n"
            "  source    SHOP-source\n"
            "  sink      SHOP-sink\n"
            "  millrace status SHOP --watch\n");
}

nlohmann::ordered_json connected() {
  pipeline::PipelinePlan plan;
  plan.spec.engine = pipeline::EngineKind::kKafkaConnect;
  plan.names.pipeline = "SHOP";
  plan.connectors["SHOP-sink"] = {{"connection.password", "target-secret"}, {"insert.mode", "upsert"}};
  plan.connector_reasons["SHOP-sink"] = {{"connection.password", "Who asks."}, {"insert.mode", "No second row."}};
  return pipeline::plan_json(plan);
}

TEST(Plan, TellsWhyAKeyIsThereWhenAsked) {
  EXPECT_THAT(shown(show_plan, Format::kTable, connected(), true),
              ::testing::HasSubstr("Connector SHOP-sink\n# Who asks.\nconnection.password=***\n# No second "
                                   "row.\ninsert.mode=upsert\n"));
  EXPECT_THAT(shown(show_plan, Format::kTable, connected(), false),
              ::testing::HasSubstr("Connector SHOP-sink\nconnection.password=***\ninsert.mode=upsert\n"));
  const auto document = json::parse(shown(show_plan, Format::kJson, connected(), false));
  EXPECT_EQ(document["connector_reasons"]["SHOP-sink"]["insert.mode"], "No second row.");
}

TEST(Status, ShowsLoadStatesWhereTheEngineLoads) {
  EXPECT_EQ(shown(show_status, Format::kTable, loading()),
            "SHOP  RUNNING  loading: 1 of 2 table(s) ready\n"
            "slot lag 4.0 KiB, WAL kept 8.0 KiB (reserved)\n"
            "applied up to 0/16B3748, lag 2.0 KiB\n"
            "process pid 7 on host\n"
            "\n"
            "TABLE     TARGET  STATE    LOADED  ROWS\n"
            "public.a  dbo.a   ready    5       5\n"
            "public.b  dbo.b   copying  10      -\n");
}

TEST(Status, AsJsonHasNullsForWhatIsNotKnown) {
  const auto document = json::parse(shown(show_status, Format::kJson, loading()));
  EXPECT_EQ(document["state"], "RUNNING");
  EXPECT_EQ(document["engine"], "embedded");
  EXPECT_EQ(document["applied_lsn"], "0/16B3748");
  EXPECT_TRUE(document["apply_lag_s"].is_null());
  EXPECT_EQ(document["tables"][1]["load_state"], "copying");
  EXPECT_TRUE(document["tables"][1]["rows"].is_null());
}

TEST(Status, OfConnectorsKeepsItsColumns) {
  pipeline::PipelineStatus status;
  status.pipeline = "SHOP";
  status.connectors = {{.name = "SHOP-source", .kind = "source", .state = "RUNNING"}};
  status.tables = {{.source = "public.a", .target = "dbo.a", .messages = 3}};
  const auto text = shown(show_status, Format::kTable, status);
  EXPECT_THAT(text, ::testing::HasSubstr("CONNECTOR    KIND"));
  EXPECT_THAT(text, ::testing::HasSubstr("MESSAGES"));
}

TEST(TableChange, NamesTheTables) {
  const manager::TableChangeResult result{.tables = {"public.a"}, .kept = {"table [dbo].[a]: stays"}};
  const auto show = [](std::ostream& out, Format format, const manager::TableChangeResult& change) {
    show_table_change(out, format, "SHOP", "removed", change);
  };
  EXPECT_EQ(shown(show, Format::kTable, result),
            "✓ public.a removed.\n"
            "  kept table [dbo].[a]: stays\n"
            "  A process that runs SHOP follows within seconds.\n");
  EXPECT_EQ(json::parse(shown(show, Format::kJson, result))["tables"], json::array({"public.a"}));
}

}  // namespace
}  // namespace millrace::cli
