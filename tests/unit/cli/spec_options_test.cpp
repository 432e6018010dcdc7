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

pipeline::PipelineSpec parsed(std::vector<std::string> more) {
  std::vector<std::string> arguments{"--source", "postgres://u:p@h/d", "--target", "sqlserver://v:q@t/e", "--tables",
                                     "a,b"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  std::reverse(arguments.begin(), arguments.end());  // as CLI11 takes them
  CLI::App app;
  const SpecOptions options(app);
  app.parse(arguments);
  return options.spec();
}

TEST(EngineOption, IsEmbeddedUnlessAClusterIsGiven) {
  EXPECT_EQ(parsed({}).engine, EngineKind::kEmbedded);
  EXPECT_EQ(parsed({"--connect-url", "http://c:8083"}).engine, EngineKind::kKafkaConnect);
  EXPECT_EQ(parsed({"--connect-url", "http://c:8083", "--engine", "embedded"}).engine, EngineKind::kEmbedded);
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
