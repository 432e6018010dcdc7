#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "manager/credentials.hpp"
#include "manager/run_facts.hpp"
#include "store/runs.hpp"

namespace millrace::manager {
namespace {

constexpr const char* kStatusName = "IT_STATUS";

std::string of_lab(const std::string& name) {
  const char* value = std::getenv(("MILLRACE_LAB_" + name).c_str());
  return value == nullptr ? "" : value;
}

PipelineCredentials lab_pair() {
  PipelineCredentials given{.source_host = of_lab("PG_HOST"),
                            .source_port = static_cast<std::uint16_t>(std::stoi(of_lab("PG_PORT"))),
                            .source_database = of_lab("PG_DATABASE"),
                            .source_user = of_lab("PG_USER"),
                            .source_password = Secret(of_lab("PG_PASSWORD")),
                            .source_tables = {"translations"},
                            .target_host = of_lab("SQLSERVER_HOST"),
                            .target_port = static_cast<std::uint16_t>(std::stoi(of_lab("SQLSERVER_PORT"))),
                            .target_database = of_lab("SQLSERVER_DATABASE"),
                            .target_schema = "it_status",
                            .target_user = of_lab("SQLSERVER_USER"),
                            .target_password = Secret(of_lab("SQLSERVER_PASSWORD"))};
  given.options.name = kStatusName;
  given.options.target.trust_server_certificate = true;
  return given;
}

/// The checkpoint of a stream that rests is written now and then; what its process says is newer.
TEST(Status, TellsThePositionOfTheRunWhereItIsFurtherThanTheCheckpoint) {
  ASSERT_FALSE(of_lab("PG_HOST").empty()) << "MILLRACE_LAB_PG_HOST is not set: start the lab (./dev lab up).";
  const auto data_dir = std::filesystem::path(::testing::TempDir()) / "millrace-status-lab";
  std::filesystem::remove_all(data_dir);
  create_pipeline_from_credentials(lab_pair(), data_dir);
  CdcManager manager(data_dir);
  const auto before = manager.status(kStatusName);
  const auto checkpoint = Lsn::parse(before.applied_lsn);
  ASSERT_TRUE(checkpoint) << before.applied_lsn;
  EXPECT_EQ(before.state, pipeline::State::kStopped);

  store::Database database(data_dir / "millrace.db");
  store::Runs runs(database);
  runs.begin(kStatusName, this_process());
  const auto say = [&](Lsn applied) {
    RunProgress progress;
    progress.stream = {.applied = applied, .lag_s = 0, .caught_up = true};
    runs.beat(kStatusName, this_process(), to_json_text(progress));
    return manager.status(kStatusName);
  };
  const Lsn ahead(checkpoint->value() + 4096);
  EXPECT_EQ(say(ahead).applied_lsn, ahead.to_string());
  EXPECT_EQ(say(Lsn(checkpoint->value() - 1)).applied_lsn, checkpoint->to_string()) << "a process's word may be old";
  runs.end(kStatusName, this_process(), "");
  EXPECT_EQ(manager.status(kStatusName).applied_lsn, checkpoint->to_string()) << "nobody runs it";

  manager.delete_pipeline(kStatusName, {.drop_tables = true});
}

}  // namespace
}  // namespace millrace::manager
