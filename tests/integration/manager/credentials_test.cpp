#include "manager/credentials.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "support/error.hpp"

namespace millrace::manager {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;

constexpr const char* kName = "IT_CREDENTIALS";

std::string lab(const std::string& name) {
  const char* value = std::getenv(("MILLRACE_LAB_" + name).c_str());
  return value == nullptr ? "" : value;
}

std::uint16_t port(const std::string& name) {
  return static_cast<std::uint16_t>(std::stoi(lab(name)));
}

/// The function of the public header on real servers: it returns when changes flow.
TEST(Credentials, MakeAPipelineOverKafkaConnect) {
  ASSERT_FALSE(lab("CONNECT_URL").empty()) << "MILLRACE_LAB_CONNECT_URL is not set: start the lab (./dev lab up).";
  PipelineCredentials given{.source_host = lab("PG_HOST"),
                            .source_port = port("PG_PORT"),
                            .source_database = lab("PG_DATABASE"),
                            .source_user = lab("PG_USER"),
                            .source_password = Secret(lab("PG_PASSWORD")),
                            .source_tables = {"translations"},
                            .target_host = lab("SQLSERVER_HOST"),
                            .target_port = port("SQLSERVER_PORT"),
                            .target_database = lab("SQLSERVER_DATABASE"),
                            .target_schema = "it_credentials",
                            .target_user = lab("SQLSERVER_USER"),
                            .target_password = Secret(lab("SQLSERVER_PASSWORD"))};
  given.options.name = kName;
  given.options.engine = pipeline::EngineKind::kKafkaConnect;
  given.options.target.trust_server_certificate = true;
  given.options.kafka.connect.url = lab("CONNECT_URL");
  given.options.kafka.connect.kafka_bootstrap = lab("KAFKA_BOOTSTRAP");
  const auto data_dir = std::filesystem::path(::testing::TempDir()) / "millrace-credentials-lab";
  std::filesystem::remove_all(data_dir);

  const auto made = create_pipeline_from_credentials(given, data_dir);
  EXPECT_EQ(made.pipeline_id, kName);
  EXPECT_EQ(made.debezium_connector_name, "IT_CREDENTIALS-source");
  EXPECT_EQ(made.sink_connector_name, "IT_CREDENTIALS-sink");
  EXPECT_THAT(made.kafka_topics, ElementsAre("IT_CREDENTIALS.public.translations"));
  EXPECT_EQ(made.status, "active");

  CdcManager manager(data_dir);
  const auto gone = manager.delete_pipeline(kName, {.drop_topics = true, .drop_tables = true});
  EXPECT_THAT(gone.removed, Contains("slot it_credentials_slot"));
}

}  // namespace
}  // namespace millrace::manager
