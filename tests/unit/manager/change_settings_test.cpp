#include "manager/change_settings.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "pipeline/spec_json.hpp"
#include "support/error.hpp"

namespace millrace::manager {
namespace {

using nlohmann::json;

pipeline::PipelineSpec stored() {
  return pipeline::spec_from_json(json::parse(R"({
      "source": {"host": "pg", "database": "shop", "user": "cdc", "password": "old", "sslmode": "verify-full"},
      "target": {"host": "sql", "database": "copy", "user": "loader", "password": "old"},
      "tables": ["orders"],
      "mapping": {"tables": {"public.orders": {"exclude_columns": ["note"], "column_types": {"a": "int"}}}}})"));
}

pipeline::PipelineSpec patched(const char* patch) {
  return patched_spec(stored(), json::parse(patch));
}

/// The code and the field of the refusal.
std::pair<ErrorCode, std::string> refusal(const char* patch) {
  try {
    patched(patch);
  } catch (const Error& error) {
    return {error.code(), error.context().field};
  }
  return {ErrorCode::kInternal, "taken"};
}

using Refusal = std::pair<ErrorCode, std::string>;

TEST(PatchedSpec, ChangesWhatIsNamedAndNothingElse) {
  auto wanted = stored();
  wanted.embedded.load_workers = 7;
  wanted.source.user = "other";
  const auto after = patched(R"({"embedded": {"load_workers": 7}, "source": {"user": "other"}})");
  EXPECT_EQ(pipeline::to_json(after, true), pipeline::to_json(wanted, true));
}

TEST(PatchedSpec, ASideThatComesFromASavedConnectionChangesThere) {
  auto saved = stored();
  saved.source.connection = "c1";
  const auto blamed = [&](const char* patch) {
    try {
      patched_spec(saved, json::parse(patch));
    } catch (const Error& error) {
      return error.context().field;
    }
    return std::string("taken");
  };
  EXPECT_EQ(blamed(R"({"source": {"password": "new"}})"), "source.password");
  EXPECT_EQ(blamed(R"({"target": {"user": "other"}, "source": {}})"), "taken");
}

TEST(PatchedSpec, APasswordGoesNowhereButWhereItWasGivenFor) {
  for (const char* patch : {R"({"source": {"host": "evil"}})", R"({"source": {"port": 1}})",
                            R"({"source": {"sslmode": "disable"}})", R"({"source": {"sslrootcert": "/tmp/ca"}})"}) {
    EXPECT_EQ(refusal(patch), Refusal(ErrorCode::kSecretMissing, "source.password")) << patch;
  }
  for (const char* patch : {R"({"target": {"host": "evil"}})", R"({"target": {"encrypt": "no"}})",
                            R"({"target": {"trust_server_certificate": true}})"}) {
    EXPECT_EQ(refusal(patch), Refusal(ErrorCode::kSecretMissing, "target.password")) << patch;
  }
  const auto moved = patched(R"({"source": {"host": "pg2", "password": "new"}})");
  EXPECT_EQ(moved.source.host, "pg2");
  EXPECT_EQ(moved.source.password.reveal(), "new");
  EXPECT_EQ(patched(R"({"source": {"host": "pg"}})").source.password.reveal(), "old") << "nothing changes";
}

TEST(PatchedSpec, TableOptionsAreMergedOrTakenAway) {
  const schema::TableName orders{"public", "orders"};
  const auto merged = patched(R"({"mapping": {"tables": {"public.orders": {"exclude_columns": []}}}})");
  EXPECT_TRUE(merged.mapping.tables.at(orders).exclude_columns.empty());
  EXPECT_EQ(merged.mapping.tables.at(orders).column_types.at("a").name, "int");
  EXPECT_TRUE(patched(R"({"mapping": {"tables": {"public.orders": null}}})").mapping.tables.empty());
}

TEST(PatchedSpec, RefusesWhatIsSettledForGood) {
  EXPECT_EQ(refusal(R"({"tables": ["a"]})"), Refusal(ErrorCode::kUsage, "tables"));
  EXPECT_EQ(refusal(R"({"source": {"url": "postgres://e/d"}})"), Refusal(ErrorCode::kUsage, "source.url"));
  EXPECT_EQ(refusal(R"({"target": {"schema": "x"}})"), Refusal(ErrorCode::kUsage, "target.schema"));
  EXPECT_EQ(refusal(R"({"target": {"password": null}})"), Refusal(ErrorCode::kUsage, "target.password"));
  EXPECT_EQ(refusal(R"({"source": 1})"), Refusal(ErrorCode::kUsage, "source"));
  EXPECT_EQ(refusal(R"({"mapping": {"tables": {"public.orders": {"key_columns": ["b"]}}}})"),
            Refusal(ErrorCode::kUsage, "mapping.tables.public.orders.key_columns"));
  EXPECT_EQ(refusal(R"({"mapping": {"tables": []}})"), Refusal(ErrorCode::kUsage, "mapping.tables"));
}

}  // namespace
}  // namespace millrace::manager
