#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <set>

#include "config_fixture.hpp"
#include "ingestion/sink_config.hpp"
#include "ingestion/source_config.hpp"

namespace millrace::ingestion {
namespace {

using pipeline::ExplainedConfig;
using pipeline::PipelinePlan;
using pipeline::SinkFlavour;
using pipeline::UnwrapMode;
using Change = std::function<void(PipelinePlan&)>;

/// Everything in a plan that decides which keys there are, what they say, or why. One choice of each is made.
const std::vector<std::vector<Change>>& choices() {
  const Change as_it_is = [](PipelinePlan&) {};
  static const std::vector<std::vector<Change>> kChoices{
      {as_it_is, [](PipelinePlan& plan) { plan.spec.snapshot = pipeline::SnapshotMode::kNoData; },
       [](PipelinePlan& plan) { plan.spec.snapshot = pipeline::SnapshotMode::kDebezium; }},
      {as_it_is, [](PipelinePlan& plan) { plan.spec.toast = pipeline::ToastMode::kFull; }},
      {as_it_is, [](PipelinePlan& plan) { plan.spec.truncate = pipeline::TruncatePolicy::kApply; }},
      {as_it_is,
       [](PipelinePlan& plan) {
         plan.spec.kafka.secrets = {.mode = pipeline::SecretMode::kEnv, .source_key = "A", .target_key = "B"};
       }},
      {as_it_is,
       [](PipelinePlan& plan) {
         plan.tables[0].source.partitioned = true;
         plan.tables[0].left_out = {"note"};
         plan.tables[0].key_kind = schema::KeyKind::kChosen;
         plan.spec.source.sslrootcert = "/ca.pem";
         plan.spec.slot_failover = true;
       }},
      {as_it_is,
       [](PipelinePlan& plan) {
         plan.tables[1].columns.push_back({.source = {.name = "n", .type = {.name = "numeric"}},
                                           .target = {.name = "n", .type = {.name = "nvarchar", .length = -1}}});
       }},
      {as_it_is,
       [](PipelinePlan& plan) {
         for (auto& table : plan.tables) table.columns[2].source.type.precision = 3;
       }},
      {as_it_is, [](PipelinePlan& plan) {
         plan.tables = {table("customers", "crm", "customers")};
         plan.topics = {pipeline::topic_name(plan.names, plan.tables[0].source.name)};
         plan.spec.source.host = "other";
         plan.spec.source.port = 5433;
         plan.spec.source.database = "crm";
         plan.spec.source.user = "reader";
         plan.spec.source.sslmode = "verify-full";
         plan.spec.target.user = "writer";
         plan.spec.target.database = "crmcopy";
         plan.spec.kafka.sink_tasks = 2;
         plan.spec.kafka.topic_partitions = 2;
         plan.spec.kafka.topic_replication_factor = 3;
         plan.spec.kafka.heartbeat_interval = std::chrono::milliseconds(1000);
         plan.names.pipeline = "CRM";
         plan.names.slot = "crm_slot";
         plan.names.publication = "crm_pub";
         plan.topics = {"CRM.public.customers"};
       }}};
  return kChoices;
}

struct Generated {
  std::string connector;
  ExplainedConfig config;
};

/// Every combination of the choices with every sink, chain and plugin version that makes a difference.
void for_every_config(const std::function<void(const Generated&)>& look) {
  const std::vector<std::pair<SinkFlavour, std::vector<UnwrapMode>>> sinks{
      {SinkFlavour::kDebezium, {UnwrapMode::kNative, UnwrapMode::kExtractAfter, UnwrapMode::kExtractNewRecordState}},
      {SinkFlavour::kConfluent, {UnwrapMode::kExtractAfter, UnwrapMode::kExtractNewRecordState}},
      {SinkFlavour::kAiven, {UnwrapMode::kExtractAfter, UnwrapMode::kExtractNewRecordState}}};
  const std::map<SinkFlavour, std::string> names{{SinkFlavour::kDebezium, "Debezium JDBC sink"},
                                                 {SinkFlavour::kConfluent, "Confluent JDBC sink"},
                                                 {SinkFlavour::kAiven, "Aiven JDBC sink"}};
  for (const auto& [sink, chains] : sinks) {
    for (const auto chain : chains) {
      std::size_t combinations = 1;
      for (const auto& choice : choices()) combinations *= choice.size();
      for (std::size_t number = 0; number < combinations; ++number) {
        auto plan = plan_for(sink, chain);
        auto rest = number;
        for (const auto& choice : choices()) {
          choice[rest % choice.size()](plan);
          rest /= choice.size();
        }
        for (const PluginVersion version : {PluginVersion{3, 0, 0}, {3, 2, 0}, {3, 4, 0}, {3, 6, 0}, {3, 7, 0}}) {
          look({"Debezium PostgreSQL source", generate_source_config(plan, version)});
        }
        look({names.at(sink), generate_sink_config(plan, sink, {3, 6, 0})});
      }
    }
  }
}

TEST(Reasons, EveryKeyHasOne) {
  constexpr std::size_t kShortestSentence = 20;
  std::set<std::string> faults;
  std::size_t looked = 0;
  for_every_config([&](const Generated& generated) {
    ++looked;
    const auto& reasons = generated.config.reasons();
    for (const auto& [key, value] : generated.config.values()) {
      const auto found = reasons.find(key);
      const bool told =
          found != reasons.end() && found->second.size() >= kShortestSentence && found->second.back() == '.';
      if (!told) faults.insert(generated.connector + ": " + key);
      if (told && found->second.find("secret") != std::string::npos) faults.insert(key + " tells a secret");
    }
    for (const auto& [key, why] : reasons) {
      if (!generated.config.values().contains(key)) faults.insert("a reason without key: " + key);
    }
  });
  EXPECT_EQ(faults, std::set<std::string>{});
  EXPECT_GT(looked, 10000U) << "combinations are missing";
}

TEST(Reasons, OfAnOverrideSayWhoseItIs) {
  auto plan = plan_for(SinkFlavour::kDebezium);
  plan.spec.kafka.source_overrides = {{"poll.interval.ms", "50"}};
  const auto config = generate_source_config(plan, {3, 6, 0});
  EXPECT_EQ(config.values().at("poll.interval.ms"), "50");
  EXPECT_EQ(config.reasons().at("poll.interval.ms"), "Your own setting: --source-set, or source_overrides in a file.");
}

/// One line for each key and reason; the value where it is the same in every plan.
std::string reference_page() {
  std::map<std::string, std::map<std::pair<std::string, std::string>, std::set<std::string>>> connectors;
  for_every_config([&](const Generated& generated) {
    for (const auto& [key, value] : generated.config.values()) {
      if (key.starts_with("transforms.route2.")) continue;
      connectors[generated.connector][{key, generated.config.reasons().at(key)}].insert(value);
    }
  });
  std::string page =
      "# Keys of the connector configs\n\nWhat `kafka-connect` writes into the two connectors, and why. `millrace plan "
      "--explain` shows the same beside a\npipeline's own values. A key is there when its line's reason holds; a value "
      "of `…` comes from the pipeline.\n`--source-set` and `--sink-set` win over all of them.\n";
  for (const auto& [connector, lines] : connectors) {
    page += "\n## " + connector + "\n\n| key | value | why |\n|---|---|---|\n";
    for (const auto& [line, values] : lines) {
      page +=
          "| `" + line.first + "` | `" + (values.size() == 1 ? *values.begin() : "…") + "` | " + line.second + " |\n";
    }
  }
  return page;
}

TEST(Reasons, AreTheReferencePage) {
  const auto file = std::filesystem::path(MILLRACE_GOLDEN_DIR) / "../../docs/reference/connector_configs.md";
  const auto page = reference_page();
  if (std::getenv("MILLRACE_UPDATE_GOLDENS") != nullptr) {
    std::ofstream(file) << page;
    return;
  }
  std::ifstream in(file);
  const std::string written((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  EXPECT_EQ(page, written) << "set MILLRACE_UPDATE_GOLDENS=1 to rewrite " << file;
}

}  // namespace
}  // namespace millrace::ingestion
