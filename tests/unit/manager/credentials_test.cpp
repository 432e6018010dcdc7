#include "manager/credentials.hpp"

#include <gtest/gtest.h>

#include "support/error.hpp"

namespace millrace::manager {
namespace {

PipelineCredentials complete() {
  return {.source_host = "127.0.0.1",
          .source_port = 1,
          .source_database = "shop",
          .source_user = "cdc",
          .source_password = Secret("a"),
          .source_tables = {"orders"},
          .target_host = "127.0.0.1",
          .target_port = 1,
          .target_database = "copy",
          .target_user = "loader",
          .target_password = Secret("b")};
}

/// The field that the error names; "none" when nothing was thrown.
std::string refused_field(const PipelineCredentials& given) {
  try {
    create_pipeline_from_credentials(given, ::testing::TempDir() + "millrace-credentials");
  } catch (const Error& error) {
    return error.code() == ErrorCode::kUsage ? error.context().field : "another error";
  }
  return "none";
}

TEST(Credentials, AnEmptyFieldIsNamedBeforeAnyServerIsAsked) {
  auto no_user = complete();
  no_user.source_user.clear();
  EXPECT_EQ(refused_field(no_user), "source_user");
  auto no_database = complete();
  no_database.target_database.clear();
  EXPECT_EQ(refused_field(no_database), "target_database");
  auto no_tables = complete();
  no_tables.source_tables.clear();
  EXPECT_EQ(refused_field(no_tables), "source_tables");
}

TEST(Credentials, ServersAreAskedOnceAllIsThere) {
  try {
    create_pipeline_from_credentials(complete(), ::testing::TempDir() + "millrace-credentials");
    FAIL() << "nothing listens there";
  } catch (const Error& error) {
    EXPECT_NE(error.code(), ErrorCode::kUsage) << error.what();
  }
}

}  // namespace
}  // namespace millrace::manager
