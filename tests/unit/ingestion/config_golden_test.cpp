#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <regex>

#include "config_fixture.hpp"
#include "ingestion/sink_config.hpp"
#include "ingestion/source_config.hpp"
#include "support/error.hpp"

namespace millrace::ingestion {
namespace {

using pipeline::SinkFlavour;
using pipeline::UnwrapMode;

/// The golden file, or its rewriting when MILLRACE_UPDATE_GOLDENS is set.
void expect_golden(const std::string& name, const pipeline::ExplainedConfig& config) {
  const std::filesystem::path file = std::filesystem::path(MILLRACE_GOLDEN_DIR) / "ingestion" / (name + ".json");
  const auto text = nlohmann::json(config.values()).dump(2) + "\n";
  if (std::getenv("MILLRACE_UPDATE_GOLDENS") != nullptr) {
    std::ofstream(file) << text;
    return;
  }
  std::ifstream in(file);
  const std::string golden((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  EXPECT_EQ(text, golden) << "set MILLRACE_UPDATE_GOLDENS=1 to rewrite " << file;
}

TEST(SourceGolden, PerPluginVersion) {
  const auto plan = plan_for(SinkFlavour::kDebezium);
  expect_golden("source-3.0", generate_source_config(plan, {3, 0, 0}));
  expect_golden("source-3.4", generate_source_config(plan, {3, 4, 0}));
  expect_golden("source-3.6", generate_source_config(plan, {3, 6, 0}));
  expect_golden("source-3.7", generate_source_config(plan, {3, 7, 0}));
}

TEST(SinkGolden, PerFlavourAndChain) {
  expect_golden("sink-debezium",
                generate_sink_config(plan_for(SinkFlavour::kDebezium), SinkFlavour::kDebezium, {3, 6, 0}));
  expect_golden("sink-debezium-extract-after",
                generate_sink_config(plan_for(SinkFlavour::kDebezium, UnwrapMode::kExtractAfter),
                                     SinkFlavour::kDebezium, {3, 6, 0}));
  expect_golden("sink-debezium-new-record-state",
                generate_sink_config(plan_for(SinkFlavour::kDebezium, UnwrapMode::kExtractNewRecordState),
                                     SinkFlavour::kDebezium, {3, 6, 0}));
  expect_golden("sink-confluent",
                generate_sink_config(plan_for(SinkFlavour::kConfluent), SinkFlavour::kConfluent, {10, 8, 0}));
  expect_golden("sink-aiven", generate_sink_config(plan_for(SinkFlavour::kAiven), SinkFlavour::kAiven, {6, 10, 0}));
}

TEST(Configs, HaveTheirKeys) {
  EXPECT_GE(generate_source_config(plan_for(SinkFlavour::kDebezium), {3, 6, 0}).values().size(), 30U);
  for (const auto sink : {SinkFlavour::kDebezium, SinkFlavour::kConfluent, SinkFlavour::kAiven}) {
    EXPECT_GE(generate_sink_config(plan_for(sink), sink, {3, 6, 0}).values().size(), 20U);
  }
}

TEST(TableList, IsMadeOfExpressionsThatMatchOneTable) {
  const auto config = generate_source_config(plan_for(SinkFlavour::kDebezium), {3, 6, 0}).values();
  EXPECT_EQ(config.at("table.include.list"), "public\\.orders,public\\.order\\.lines");
}

TEST(Routing, SendsEachTopicToItsOwnTable) {
  const auto plan = plan_for(SinkFlavour::kDebezium);
  const auto config = generate_sink_config(plan, SinkFlavour::kDebezium, {3, 6, 0}).values();
  const std::vector<std::string> wanted = {"dbo.orders", "dbo.\"Order Lines\""};
  for (std::size_t i = 0; i < plan.topics.size(); ++i) {
    const auto route = "transforms.route" + std::to_string(i + 1);
    EXPECT_TRUE(std::regex_match(plan.topics[i], std::regex(config.at(route + ".regex")))) << plan.topics[i];
    EXPECT_EQ(config.at(route + ".replacement"), wanted[i]);
  }
}

TEST(Routing, OfUnchangedNamesNeedsOneExpression) {
  auto plan = plan_for(SinkFlavour::kDebezium);
  plan.tables = {table("orders", "dbo", "orders"), table("customers", "dbo", "customers")};
  plan.topics = {"P_SHOP_TO_COPY.public.orders", "P_SHOP_TO_COPY.public.customers"};
  const auto config = generate_sink_config(plan, SinkFlavour::kDebezium, {3, 6, 0}).values();
  const std::regex route(config.at("transforms.route.regex"));
  EXPECT_EQ(std::regex_replace(plan.topics[1], route, config.at("transforms.route.replacement")), "dbo.customers");
  EXPECT_FALSE(std::regex_match("__debezium-heartbeat.P_SHOP_TO_COPY", route));
}

TEST(Secrets, AreReferencesWhereAProviderIsNamed) {
  auto plan = plan_for(SinkFlavour::kDebezium);
  plan.spec.kafka.secrets = {.mode = pipeline::SecretMode::kFile,
                             .source_path = "/s",
                             .target_path = "/t",
                             .source_key = "a",
                             .target_key = "b"};
  const auto source = generate_source_config(plan, {3, 6, 0}).values();
  const auto sink = generate_sink_config(plan, SinkFlavour::kDebezium, {3, 6, 0}).values();
  EXPECT_EQ(source.at("database.password"), "${file:/s:a}");
  EXPECT_EQ(sink.at("connection.password"), "${file:/t:b}");
  EXPECT_EQ(nlohmann::json(source).dump().find("source-secret"), std::string::npos);
  plan.spec.kafka.secrets.target_key.clear();
  EXPECT_THROW(generate_sink_config(plan, SinkFlavour::kDebezium, {3, 6, 0}), Error);
}

TEST(Decimals, TravelAsTextWhenAColumnNeedsIt) {
  auto plan = plan_for(SinkFlavour::kDebezium);
  EXPECT_EQ(generate_source_config(plan, {3, 6, 0}).values().at("decimal.handling.mode"), "precise");
  plan.tables[0].columns.push_back({.source = {.name = "n", .type = {.name = "numeric"}},
                                    .target = {.name = "n", .type = {.name = "nvarchar", .length = -1}}});
  EXPECT_EQ(generate_source_config(plan, {3, 6, 0}).values().at("decimal.handling.mode"), "string");
}

TEST(Snapshot, IsDebeziumsOwnOnlyWhenItIsAskedFor) {
  auto plan = plan_for(SinkFlavour::kDebezium);
  EXPECT_EQ(generate_source_config(plan, {3, 6, 0}).values().at("snapshot.mode"), "no_data") << "Millrace loads";
  plan.spec.snapshot = pipeline::SnapshotMode::kNoData;
  EXPECT_EQ(generate_source_config(plan, {3, 6, 0}).values().at("snapshot.mode"), "no_data");
  plan.spec.snapshot = pipeline::SnapshotMode::kDebezium;
  const auto config = generate_source_config(plan, {3, 6, 0}).values();
  EXPECT_EQ(config.at("snapshot.mode"), "initial");
  EXPECT_EQ(config.at("snapshot.isolation.mode"), "repeatable_read");
}

TEST(Slot, MirrorsTheFailoverOfThePipelinesOwn) {
  auto plan = plan_for(SinkFlavour::kDebezium);
  EXPECT_FALSE(generate_source_config(plan, {3, 6, 0}).values().contains("slot.failover"));
  plan.spec.slot_failover = true;
  EXPECT_EQ(generate_source_config(plan, {3, 1, 0}).values().at("slot.failover"), "true");
  EXPECT_FALSE(generate_source_config(plan, {3, 0, 0}).values().contains("slot.failover"));
}

TEST(LargeValues, AreReadAgainOrLoggedWhole) {
  auto plan = plan_for(SinkFlavour::kDebezium);
  EXPECT_TRUE(generate_source_config(plan, {3, 4, 0}).values().contains("reselector.type"));
  EXPECT_TRUE(generate_source_config(plan, {3, 6, 0}).values().contains("post.processors.reselector.type"));
  plan.spec.toast = pipeline::ToastMode::kFull;
  EXPECT_FALSE(generate_source_config(plan, {3, 6, 0}).values().contains("post.processors"));
}

}  // namespace
}  // namespace millrace::ingestion
