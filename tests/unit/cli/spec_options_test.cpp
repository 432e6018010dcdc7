#include "cli/spec_options.hpp"

#include <gmock/gmock.h>

#include <CLI/CLI.hpp>

#include <cstdlib>
#include <fstream>

#include "support/error.hpp"

namespace millrace::cli {
namespace {

using pipeline::EngineKind;

/// Sets a variable while it lives.
class Variable {
 public:
  Variable(const char* name, const char* value) : name_(name) { ::setenv(name, value, 1); }
  ~Variable() { ::unsetenv(name_); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* name_;
};

nlohmann::ordered_json saved(const std::string& name) {
  if (name == "shop") {
    return {{"id", "c1"},
            {"name", name},
            {"kind", "source"},
            {"endpoint", {{"host", "db"}, {"port", 5433}, {"database", "shop"}, {"user", "cdc"}, {"schema", "sales"}}}};
  }
  if (name == "copy") {
    return {{"id", "c2"},
            {"name", name},
            {"kind", "target"},
            {"endpoint", {{"host", "sql"}, {"database", "copy"}, {"user", "cdc"}, {"trustServerCertificate", true}}}};
  }
  throw Error(ErrorCode::kObjectNotFound, "There is no such connection.");
}

pipeline::PipelineSpec parsed(std::vector<std::string> more,
                              std::vector<std::string> arguments = {"--source", "postgres://u:p@h/d", "--target",
                                                                    "sqlserver://v:q@t/e", "--tables", "a,b"}) {
  arguments.insert(arguments.end(), more.begin(), more.end());
  std::reverse(arguments.begin(), arguments.end());  // as CLI11 takes them
  CLI::App app;
  const SpecOptions options(app);
  app.parse(arguments);
  return options.spec(saved);
}

TEST(SavedConnectionOption, StandsInPlaceOfCredentialsAndNobodyIsAskedForAPassword) {
  const auto spec = parsed({"--source-connection", "shop", "--target-connection", "copy", "--target-schema", "live"},
                           {"--tables", "orders"});
  EXPECT_EQ(spec.source.connection, "c1");
  EXPECT_EQ(display_url(spec.source), "postgres://cdc@db:5433/shop");
  EXPECT_EQ(spec.source.schema, "sales");
  EXPECT_TRUE(spec.source.password.empty());
  EXPECT_EQ(spec.target.connection, "c2");
  EXPECT_TRUE(spec.target.trust_server_certificate);
  EXPECT_EQ(spec.target.schema, "live");
}

TEST(SavedConnectionOption, SaysWhatIsWrong) {
  const auto refusal = [](std::vector<std::string> options) {
    try {
      parsed(std::move(options), {"--tables", "orders", "--target", "sqlserver://v:q@t/e"});
    } catch (const Error& error) {
      return std::pair(error.code(), error.context().field);
    }
    return std::pair(ErrorCode::kInternal, std::string("taken"));
  };
  using Refusal = std::pair<ErrorCode, std::string>;
  EXPECT_EQ(refusal({"--source-connection", "nobody's"}), Refusal(ErrorCode::kObjectNotFound, "source.connection"));
  EXPECT_EQ(refusal({"--source-connection", "copy"}), Refusal(ErrorCode::kUsage, "source.connection"));
}

TEST(EngineOption, IsEmbeddedUnlessAClusterIsGiven) {
  EXPECT_EQ(parsed({}).engine, EngineKind::kEmbedded);
  EXPECT_EQ(parsed({"--connect-url", "http://c:8083"}).engine, EngineKind::kKafkaConnect);
}

std::string refused(std::vector<std::string> more) {
  try {
    parsed(std::move(more));
  } catch (const Error& error) {
    return error.context().field + ": " + error.message();
  }
  return "accepted";
}

TEST(OtherEngine, ItsOptionsAreRefusedByTheirName) {
  const std::string embedded = " is an option of the engine kafka-connect, and this pipeline's engine is embedded.";
  EXPECT_EQ(refused({"--sink", "debezium"}), "kafka_connect.sink: --sink" + embedded);
  EXPECT_EQ(refused({"--connect-url", "http://c:8083", "--engine", "embedded"}),
            "kafka_connect.url: --connect-url" + embedded);
  EXPECT_EQ(refused({"--secrets-source-key", "k"}),
            "kafka_connect.secrets.source_key: --secrets-source-key" + embedded);
  EXPECT_EQ(refused({"--sink-set", "batch.size=5"}), "kafka_connect.sink_overrides: --sink-set" + embedded);
  EXPECT_EQ(refused({"--connect-token-file", "/t"}), "kafka_connect.token: --connect-token-file" + embedded);
  EXPECT_EQ(refused({"--connect-url", "http://c:8083", "--poison", "stop"}),
            "embedded.poison: --poison is an option of the engine embedded, and this pipeline's engine is "
            "kafka-connect.");
  const auto path = ::testing::TempDir() + "millrace-other-engine.yaml";
  std::ofstream(path) << "kafka_connect: {sink_tasks: 2}\n";
  EXPECT_EQ(refused({"-f", path}), "kafka_connect.sink_tasks: kafka_connect.sink_tasks" + embedded);
}

TEST(EngineOption, IsNotChosenByTheEnvironment) {
  const Variable url("MILLRACE_CONNECT_URL", "http://c:8083");
  const auto spec = parsed({});
  EXPECT_EQ(spec.engine, EngineKind::kEmbedded);
  EXPECT_EQ(spec.kafka.connect.url, "");
  EXPECT_EQ(parsed({"--engine", "kafka-connect"}).kafka.connect.url, "http://c:8083");
}

TEST(EngineOption, KafkaConnectNeedsACluster) {
  try {
    parsed({"--engine", "kafka-connect"});
    ADD_FAILURE() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.context().field, "kafka_connect.url");
  }
}

TEST(EmbeddedOptions, AreTheWordsOfTheFile) {
  const auto spec = parsed({"--load-policy", "truncate", "--schema-policy", "pause", "--poison", "quarantine",
                            "--load-workers", "2", "--value-policy", "clamp", "--truncate", "ignore"});
  EXPECT_EQ(spec.embedded.load_policy, pipeline::LoadPolicy::kTruncate);
  EXPECT_EQ(spec.embedded.schema_policy, pipeline::SchemaPolicy::kPause);
  EXPECT_EQ(spec.embedded.poison, pipeline::PoisonPolicy::kQuarantine);
  EXPECT_EQ(spec.embedded.load_workers, 2);
  EXPECT_EQ(spec.mapping.value_policy, schema::ValuePolicy::kClamp);
  EXPECT_FALSE(pipeline::applies_truncates(spec));
}

TEST(LoadOptions, AreThoseOfTheChosenEngine) {
  const auto kafka = parsed({"--connect-url", "http://c:8083", "--load-policy", "truncate", "--load-workers", "2"});
  EXPECT_EQ(kafka.kafka.load_policy, pipeline::LoadPolicy::kTruncate);
  EXPECT_EQ(kafka.kafka.load_workers, 2);
  EXPECT_EQ(kafka.embedded.load_policy, pipeline::LoadPolicy::kFail);
  EXPECT_EQ(parsed({"--connect-url", "http://c:8083", "--snapshot", "debezium"}).snapshot,
            pipeline::SnapshotMode::kDebezium);
  EXPECT_EQ(refused({"--snapshot", "debezium"}),
            "snapshot: snapshot debezium is of the engine kafka-connect: embedded has no Debezium.");
}

TEST(EmbeddedOptions, OfTheCommandLineWinOverTheFile) {
  const auto path = ::testing::TempDir() + "millrace-embedded.yaml";
  std::ofstream(path) << "embedded: {load_policy: truncate, load_workers: 8}\n";
  const auto spec = parsed({"-f", path, "--load-workers", "3"});
  EXPECT_EQ(spec.embedded.load_policy, pipeline::LoadPolicy::kTruncate);
  EXPECT_EQ(spec.embedded.load_workers, 3);
}

TEST(EmbeddedOptions, RefuseWhatTheyDoNotKnow) {
  EXPECT_THROW(parsed({"--poison", "ignore"}), Error);
  EXPECT_THROW(parsed({"--load-workers", "many"}), Error);
}

TEST(TableChoices, LandWithTheirTable) {
  const auto spec = parsed({"--rename", "public.a=dbo.b", "--key-columns", "public.a=x,y"});
  const auto& options = spec.mapping.tables.at({"public", "a"});
  EXPECT_EQ(options.rename, (schema::TableName{"dbo", "b"}));
  EXPECT_THAT(options.key_columns, ::testing::ElementsAre("x", "y"));
}

}  // namespace
}  // namespace millrace::cli
