#include "cli/yaml_document.hpp"

#include <gmock/gmock.h>

namespace millrace::cli {
namespace {

using nlohmann::json;

std::string fault(const std::string& text) {
  try {
    read_yaml(text, "a.yaml");
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUsage);
    return error.message();
  }
  return "";
}

TEST(ReadYaml, KeepsKindsAndPlaces) {
  const auto documents = read_yaml(
      "name: SHOP\n"
      "source:\n"
      "  port: 5432\n"
      "  password: \"1234\"\n"
      "  secure: true\n"
      "  none:\n"
      "tables: [orders, sales.*]\n",
      "a.yaml");
  ASSERT_EQ(documents.size(), 1U);
  EXPECT_EQ(documents[0].value,
            (json{{"name", "SHOP"},
                  {"source", {{"port", 5432}, {"password", "1234"}, {"secure", true}, {"none", nullptr}}},
                  {"tables", {"orders", "sales.*"}}}));
  EXPECT_EQ(documents[0].place_of("source.port"), "a.yaml:3:3");
  EXPECT_EQ(documents[0].place_of("source.host"), "a.yaml:2:1");
  EXPECT_EQ(documents[0].place_of("target.host"), "a.yaml");
}

TEST(ReadYaml, TakesJsonAndSeveralDocuments) {
  EXPECT_EQ(read_yaml(R"({"name": "A", "n": [1, "2"]})", "a.json")[0].value, (json{{"name", "A"}, {"n", {1, "2"}}}));
  const auto documents = read_yaml("---\nname: A\n---\nname: B\n---\n", "a.yaml");
  ASSERT_EQ(documents.size(), 2U);
  EXPECT_EQ(documents[1].place_of("name"), "a.yaml:4:1");
}

TEST(ReadYaml, NamesThePlaceOfAFault) {
  EXPECT_EQ(fault("a: 1\nb: 2\na: 3\n"), "a.yaml:3:1: a stands here twice.");
  EXPECT_EQ(fault("- a\n"), "a.yaml:1:1: this is not a YAML mapping.");
  EXPECT_THAT(fault("a: [1\nb: 2\n"), ::testing::StartsWith("a.yaml:2:"));
  EXPECT_THAT(fault("? [a]\n: b\n"), ::testing::HasSubstr("a name is no text"));
}

TEST(LocatedError, KeepsEverythingElse) {
  const auto document = read_yaml("source:\n  hots: x\n", "a.yaml")[0];
  Error error(ErrorCode::kUsage, "There is no option source.hots.", {.field = "source.hots"});
  error.suggest("Did you mean source.host?").note("n");
  const auto located = document.located(error);
  EXPECT_EQ(located.message(), "a.yaml:2:3: There is no option source.hots.");
  EXPECT_EQ(located.suggestion(), "Did you mean source.host?");
  EXPECT_EQ(located.context().field, "source.hots");
  EXPECT_EQ(located.notes(), std::vector<std::string>{"n"});
}

}  // namespace
}  // namespace millrace::cli
