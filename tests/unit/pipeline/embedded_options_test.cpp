#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "pipeline/engine_options.hpp"
#include "pipeline/spec_json.hpp"
#include "support/error.hpp"

namespace millrace::pipeline {
namespace {

using nlohmann::json;

PipelineSpec read(const char* text) {
  return spec_from_json(json::parse(text));
}

TEST(Engine, IsEmbeddedUnlessAClusterIsNamed) {
  EXPECT_EQ(read("{}").engine, EngineKind::kEmbedded);
  EXPECT_EQ(read(R"({"kafka_connect": {"url": "http://c:8083"}})").engine, EngineKind::kKafkaConnect);
  EXPECT_EQ(read(R"({"kafka_connect": {"sink_tasks": 2}})").engine, EngineKind::kEmbedded);
}

TEST(Engine, ThatIsNamedIsTaken) {
  EXPECT_EQ(read(R"({"engine": "embedded", "kafka_connect": {"url": "http://c:8083"}})").engine, EngineKind::kEmbedded);
  EXPECT_EQ(read(R"({"engine": "kafka-connect"})").engine, EngineKind::kKafkaConnect);
}

TEST(Engine, OptionsOfTheOtherAreRefused) {
  const auto refused = [](const char* text) -> std::string {
    const auto document = json::parse(text);
    try {
      refuse_other_engines_options(document, spec_from_json(document).engine);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kUsage);
      return error.context().field;
    }
    return "accepted";
  };
  EXPECT_EQ(refused(R"({"engine": "embedded", "kafka_connect": {"url": "http://c:8083"}})"), "kafka_connect.url");
  EXPECT_EQ(refused(R"({"kafka_connect": {"url": "http://c"}, "embedded": {"poison": "stop"}})"), "embedded.poison");
  EXPECT_EQ(refused(R"({"kafka_connect": {"sink": null}, "embedded": {"poison": "stop"}})"), "accepted");
  EXPECT_EQ(refused(R"({"kafka_connect": {"url": "http://c"}, "embedded": {}})"), "accepted");
}

TEST(Truncates, ReachTheCopyByDefaultOnlyWithTheEmbeddedEngine) {
  EXPECT_TRUE(applies_truncates(read("{}")));
  EXPECT_FALSE(applies_truncates(read(R"({"engine": "kafka-connect"})")));
  EXPECT_FALSE(applies_truncates(read(R"({"truncate": "ignore"})")));
  EXPECT_TRUE(applies_truncates(read(R"({"engine": "kafka-connect", "truncate": "apply"})")));
}

TEST(EmbeddedOptions, HaveSafeDefaults) {
  const auto options = read("{}").embedded;
  EXPECT_EQ(options.load_policy, LoadPolicy::kFail);
  EXPECT_EQ(options.schema_policy, SchemaPolicy::kApply);
  EXPECT_EQ(options.poison, PoisonPolicy::kStop);
  EXPECT_EQ(options.load_workers, 4);
}

TEST(EmbeddedOptions, ComeBackAsTheyWent) {
  for (const char* load : {"fail", "truncate"}) {
    for (const char* schema : {"apply", "ignore", "pause"}) {
      for (const char* poison : {"stop", "quarantine"}) {
        const json options{{"load_policy", load}, {"schema_policy", schema}, {"poison", poison}, {"load_workers", 7}};
        const auto spec = spec_from_json(json{{"embedded", options}});
        EXPECT_EQ(to_json(spec, true)["embedded"], options);
      }
    }
  }
}

TEST(EmbeddedOptions, HaveASchemaPolicyForEachKind) {
  const auto policies = [](const char* text) {
    return spec_from_json(json{{"embedded", {{"schema_policy", json::parse(text)}}}}).embedded.schema_policy;
  };
  for (const auto& [name, member] : kSchemaKinds) {
    SchemaPolicies wanted(SchemaPolicy::kIgnore);
    wanted.*member = SchemaPolicy::kPause;
    const auto text = std::string("ignore,") + name + "=pause";
    EXPECT_EQ(policies(json(text).dump().c_str()), wanted) << text;
    EXPECT_EQ(policies(json(std::string(name) + "=pause , ignore").dump().c_str()), wanted) << text;
    EXPECT_EQ(policies(json{{"all", "ignore"}, {name, "pause"}}.dump().c_str()), wanted) << text;
    EXPECT_EQ(to_text(wanted), text);
  }
  // Without a word for all the others are apply.
  SchemaPolicies wanted;
  wanted.drop_column = SchemaPolicy::kIgnore;
  EXPECT_EQ(policies(R"("drop_column=ignore")"), wanted);
  for (const char* wrong : {R"("drop")", R"("drop_colum=ignore")", R"("drop_column=drop")", R"({"all": 1})", R"("")"}) {
    EXPECT_THROW(policies(wrong), Error) << wrong;
  }
}

std::string refused_field(const char* text) {
  try {
    read(text);
  } catch (const Error& error) {
    return error.context().field + ": " + error.suggestion();
  }
  return "accepted";
}

TEST(EmbeddedOptions, NameWhatTheyDoNotTake) {
  EXPECT_THAT(refused_field(R"({"embedded": {"load_policy": "merge"}})"),
              ::testing::StartsWith("embedded.load_policy: It takes one of: fail, truncate, swap."));
  EXPECT_THAT(refused_field(R"({"embedded": {"load_workers": 0}})"), ::testing::StartsWith("embedded.load_workers"));
  EXPECT_THAT(refused_field(R"({"embedded": {"load_workers": 65}})"), ::testing::StartsWith("embedded.load_workers"));
  EXPECT_THAT(refused_field(R"({"embedded": {"poisson": "stop"}})"),
              ::testing::HasSubstr("Did you mean embedded.poison?"));
}

TEST(Completeness, AsksForAClusterOnlyWhereOneIsNeeded) {
  auto spec = read(R"({"source": {"host": "h", "database": "d", "user": "u"},
                       "target": {"host": "h", "database": "d", "user": "u"}, "tables": ["a"]})");
  EXPECT_NO_THROW(require_complete(spec));
  spec.engine = EngineKind::kKafkaConnect;
  EXPECT_THROW(require_complete(spec), Error);
}

}  // namespace
}  // namespace millrace::pipeline
