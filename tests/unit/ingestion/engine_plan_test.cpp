#include <gmock/gmock.h>

#include "engine_fixture.hpp"

namespace millrace::ingestion {
namespace {

using preflight::Severity;
using ::testing::HasSubstr;

class EnginePlan : public EngineTest {
 protected:
  EnginePlan() { plan.connectors.clear(); }

  void complete() { engine()->complete_plan(plan, stop.get_token()); }

  std::vector<preflight::Finding> found(const std::string& id) const {
    std::vector<preflight::Finding> all;
    for (const auto& finding : plan.findings) {
      if (finding.id == id) all.push_back(finding);
    }
    return all;
  }
};

TEST_F(EnginePlan, HoldsBothConfigsAndChangesNothing) {
  complete();
  EXPECT_FALSE(preflight::has_errors(plan.findings));
  EXPECT_EQ(plan.connectors.at("P-source").at("connector.class"), kPostgresSourceClass);
  EXPECT_EQ(plan.connectors.at("P-sink").at("connector.class"), kDebeziumSinkClass);
  EXPECT_EQ(plan.spec.kafka.sink, pipeline::SinkFlavour::kDebezium);
  EXPECT_TRUE(cluster.connectors.empty());
  for (const auto& line : cluster.log) {
    EXPECT_TRUE(line.starts_with("GET ") || line.ends_with("/config/validate")) << line;
  }
}

TEST_F(EnginePlan, FaultsOfBothConfigsAreNamedByKeyWithoutSecrets) {
  cluster.faults["slot.name"] = {"is in use", "is too long"};
  cluster.faults["connection.url"] = {"cannot sign in with target-secret"};
  complete();
  std::vector<std::string> told;
  for (const auto& finding : found("connect.config")) told.push_back(finding.object + ": " + finding.found);
  EXPECT_THAT(told, ::testing::ElementsAre("P-source slot.name: is in use", "P-source slot.name: is too long",
                                           "P-sink connection.url: cannot sign in with ***"));
  EXPECT_TRUE(preflight::has_errors(plan.findings));
}

TEST_F(EnginePlan, MisspeltOverrideIsRefusedWithTheNearestKey) {
  plan.spec.kafka.source_overrides["max.batch.sise"] = "10";
  cluster.unlisted = {"max.batch.sise"};
  complete();
  ASSERT_EQ(found("connect.unknown_key").size(), 1U);
  EXPECT_EQ(found("connect.unknown_key").front().severity, Severity::kError);
  EXPECT_THAT(found("connect.unknown_key").front().fix, HasSubstr("max.batch.size"));
}

TEST_F(EnginePlan, GeneratedKeyThatTheInstalledPluginDoesNotListIsOnlySaid) {
  cluster.unlisted = {"slot.max.retries"};
  complete();
  ASSERT_EQ(found("connect.unknown_key").size(), 1U);
  EXPECT_EQ(found("connect.unknown_key").front().severity, Severity::kInfo);
}

TEST_F(EnginePlan, MissingPluginsAreErrorsAndNothingIsValidatedWithThem) {
  cluster.plugins = {"org.apache.kafka.connect.json.JsonConverter"};
  complete();
  std::vector<std::string> missing;
  for (const auto& finding : found("connect.plugin")) {
    EXPECT_EQ(finding.severity, Severity::kError);
    missing.push_back(finding.object);
  }
  EXPECT_THAT(missing, ::testing::IsSupersetOf({std::string(kPostgresSourceClass), std::string("JDBC sink")}));
  for (const auto& line : cluster.log) EXPECT_THAT(line, ::testing::Not(HasSubstr("validate")));
}

TEST_F(EnginePlan, ConnectorOfAnotherOwnerIsNotOverwritten) {
  cluster.connectors["P-sink"];
  complete();
  ASSERT_EQ(found("connect.connector_exists").size(), 1U);
  EXPECT_EQ(found("connect.connector_exists").front().object, "P-sink");
  EXPECT_EQ(found("connect.connector_exists").front().severity, Severity::kError);
}

TEST_F(EnginePlan, InlinePasswordsAreWarnedOf) {
  complete();
  EXPECT_EQ(found("connect.passwords").size(), 1U);
  plan.findings.clear();
  plan.spec.kafka.secrets = {.mode = pipeline::SecretMode::kEnv, .source_key = "SRC", .target_key = "TGT"};
  complete();
  EXPECT_TRUE(found("connect.passwords").empty());
  EXPECT_EQ(plan.connectors.at("P-source").at("database.password"), "${env:SRC}");
}

TEST_F(EnginePlan, MillraceLoadsUnlessDebeziumIsToOrTheTargetIsLoaded) {
  auto spec = plan.spec;
  EXPECT_TRUE(engine()->traits(spec).manager_loads);
  EXPECT_EQ(engine()->traits(spec).temporary_slots, 1);
  EXPECT_EQ(engine()->traits(spec).rows_on_target, preflight::RowsOnTarget::kRefused);
  spec.kafka.load_policy = pipeline::LoadPolicy::kTruncate;
  EXPECT_EQ(engine()->traits(spec).rows_on_target, preflight::RowsOnTarget::kRemoved);
  for (const auto mode : {pipeline::SnapshotMode::kNoData, pipeline::SnapshotMode::kDebezium}) {
    spec.snapshot = mode;
    EXPECT_FALSE(engine()->traits(spec).manager_loads);
    EXPECT_EQ(engine()->traits(spec).temporary_slots, 0);
  }
}

TEST_F(EnginePlan, HasTheReasonOfEachKey) {
  complete();
  for (const auto& [connector, config] : plan.connectors) {
    for (const auto& [key, value] : config) EXPECT_TRUE(plan.connector_reasons[connector].contains(key)) << key;
  }
}

TEST_F(EnginePlan, UnreachableClusterIsAnError) {
  cluster.intercept = [](const HttpRequest&) -> std::optional<HttpResponse> {
    throw Error(ErrorCode::kConnectUnreachable, "No answer.");
  };
  EXPECT_EQ(error_of([&] { complete(); }).code(), ErrorCode::kConnectUnreachable);
}

TEST_F(EnginePlan, UnreachableBrokersAreAnError) {
  plan.spec.kafka.connect.kafka_bootstrap = "127.0.0.1:1";
  complete();
  ASSERT_EQ(found("kafka.bootstrap").size(), 1U);
  EXPECT_EQ(found("kafka.bootstrap").front().severity, Severity::kError);
}

}  // namespace
}  // namespace millrace::ingestion
