#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "pipeline/answers_json.hpp"
#include "pipeline/names.hpp"
#include "pipeline/spec_json.hpp"
#include "pipeline/type_text.hpp"
#include "support/error.hpp"

namespace millrace::pipeline {
namespace {

using nlohmann::json;

PipelineSpec spec(const std::string& source, const std::string& target) {
  PipelineSpec made;
  made.source.database = source;
  made.target.database = target;
  return made;
}

TEST(Names, AreDerivedFromBothDatabases) {
  const auto names = derive_names(spec("my-shop", "Copy"));
  EXPECT_EQ(names.pipeline, "P_MY_SHOP_TO_COPY");
  EXPECT_EQ(names.slot, "p_my_shop_to_copy_slot");
  EXPECT_EQ(names.publication, "p_my_shop_to_copy_pub");
  EXPECT_EQ(names.source_connector, "P_MY_SHOP_TO_COPY-source");
}

TEST(Names, ThatAreTooLongStayApart) {
  const std::string head(80, 'a');
  const auto first = derive_names(spec(head + "1", "t"));
  const auto second = derive_names(spec(head + "2", "t"));
  EXPECT_LE(first.slot.size(), 63U);
  EXPECT_LE(first.pipeline.size(), 64U);
  EXPECT_NE(first.pipeline, second.pipeline);
  EXPECT_NE(first.slot, second.slot);
}

TEST(Names, OfTheUserAreChecked) {
  auto given = spec("a", "b");
  given.name = "lower";
  EXPECT_THROW(derive_names(given), Error);
  given.name.clear();
  given.publication = "1st";
  EXPECT_THROW(derive_names(given), Error);
}

TEST(Topic, HasNoCharacterThatKafkaRefuses) {
  PipelineNames names;
  names.pipeline = "P";
  EXPECT_EQ(topic_name(names, {"public", "Mixed Case"}), "P.public.Mixed_Case");
  EXPECT_EQ(topic_name(names, {"public", "größe😀"}), "P.public.gr__e__");
}

TEST(SpecJson, ComesBackAsItWent) {
  const json document = json::parse(R"json({"name": "X", "tables": ["a", "b.*"], "snapshot": "no_data", "toast": "full",
    "source": {"host": "h", "database": "d", "user": "u", "password": "p1"},
    "target": {"host": "t", "database": "e", "user": "v", "password": "p2", "schema": "s", "encrypt": "strict"},
    "mapping": {"tables": {"public.a": {"rename": "s.b", "exclude_columns": ["x"],
                                        "column_types": {"y": "decimal(12,2)"},
                                        "column_names": {"y": "Amount"}, "column_policies": {"y": "null"}}}},
    "kafka_connect": {"url": "http://c", "sink": "aiven",
                      "kafka_properties": {"sasl.password": "p3", "client.id": "i"}}})json");
  const auto first = to_json(spec_from_json(document), true);
  EXPECT_EQ(first, to_json(spec_from_json(first), true));
  EXPECT_EQ(first["target"]["encrypt"], "strict");
  const auto& table = first["mapping"]["tables"]["public.a"];
  EXPECT_EQ(table["column_types"]["y"], "decimal(12,2)");
  EXPECT_EQ(table["column_names"]["y"], "Amount");
  EXPECT_EQ(table["column_policies"]["y"], "null");
}

TEST(SpecJson, WithoutSecretsHoldsNone) {
  const auto made = spec_from_json(json::parse(R"({"source": {"password": "p1"}, "target": {"password": "p2"},
    "kafka_connect": {"password": "p3", "token": "p4", "kafka_properties": {"sasl.password": "p5"},
                      "source_overrides": {"driver.password": "p6"}}})"));
  const auto text = to_json(made, false).dump();
  for (const char* secret : {"p1", "p2", "p3", "p4", "p5", "p6"})
    EXPECT_EQ(text.find(secret), std::string::npos) << secret;
}

std::string refusal(const char* document) {
  try {
    spec_from_json(json::parse(document));
  } catch (const Error& error) {
    return error.context().field + ": " + error.message() + " " + error.suggestion();
  }
  return "accepted";
}

TEST(SpecJson, RefusesWhatItDoesNotKnowByItsPath) {
  EXPECT_THAT(refusal(R"({"kafka_connect": {"sink_task": 1}})"),
              ::testing::HasSubstr("Did you mean kafka_connect.sink_tasks?"));
  EXPECT_THAT(refusal(R"({"source": {"port": 70000}})"),
              ::testing::HasSubstr("source.port: source.port must be a whole number"));
  EXPECT_THAT(refusal(R"({"snapshot": "never"})"), ::testing::HasSubstr("initial, no_data"));
  EXPECT_THAT(refusal(R"({"source": {"password": 17}})"), ::testing::Not(::testing::HasSubstr("17")));
}

TEST(TypeText, ReadsWhatTypesWrite) {
  for (const char* text : {"int", "decimal(12,2)", "nvarchar(max)", "nvarchar(50)", "datetime2(3)", "float(53)"}) {
    EXPECT_EQ(parse_target_type(text, "f").to_string(), text);
  }
  for (const char* text : {"nvarchar(5000)", "decimal(39,2)", "text[]", "int(4)", "datetime2(8)", ""}) {
    EXPECT_THROW(parse_target_type(text, "f"), Error) << text;
  }
}

TEST(Answers, HideInlinePasswordsAndShowReferences) {
  const auto shown =
      without_secrets({{"database.password", "p1"}, {"connection.password", "${file:/x:y}"}, {"slot.name", "s"}});
  EXPECT_EQ(shown.at("database.password"), "***");
  EXPECT_EQ(shown.at("connection.password"), "${file:/x:y}");
  EXPECT_EQ(shown.at("slot.name"), "s");
}

}  // namespace
}  // namespace millrace::pipeline
