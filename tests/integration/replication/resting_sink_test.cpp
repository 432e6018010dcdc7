#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <random>
#include <string>
#include <system_error>
#include <vector>

#include "lab_target.hpp"
#include "replication/runner.hpp"
#include "replication/sql_sink.hpp"
#include "sqlserver/state_tables.hpp"

namespace millrace::replication {
namespace {

/// Sinks of several pipelines on one target that have nothing to apply.
class RestingSinks : public ::testing::Test {
 protected:
  static constexpr int kSinks = 5;

  void SetUp() override {
    target_ = std::make_unique<sqlserver::Session>(LabTarget::endpoint());
    const auto unique = std::to_string(::getpid()) + "_" + std::to_string(std::random_device{}());
    for (int i = 0; i < kSinks; ++i) {
      plans_.push_back({.pipeline = "rests_" + unique + "_" + std::to_string(i), .target = LabTarget::endpoint()});
      provision_target(plans_.back(), "1", Lsn(100));
    }
  }

  void TearDown() override {
    for (const auto& plan : plans_) unprovision_target(plan.target, plan.pipeline);
  }

  std::unique_ptr<SqlSink> sink(const RunPlan& plan, std::chrono::milliseconds after) {
    const auto fence = sqlserver::take_over(*target_, plan.pipeline).fence;
    return std::make_unique<SqlSink>(plan.target, Writer{plan.pipeline, fence}, Care{}, Resting{&shared_, after});
  }

  Lsn position(const RunPlan& plan) { return sqlserver::read_checkpoint(*target_, plan.pipeline).value().lsn; }

  static Batch moves_to(Lsn lsn) {
    Batch batch;
    batch.end_lsn = lsn;
    return batch;
  }
  /// A batch that is more than a position.
  Batch writes(const RunPlan& plan, Lsn lsn) {
    Batch batch = moves_to(lsn);
    batch.segments.emplace_back().steps.push_back(
        {.sql = "INSERT INTO [millrace].[events] (pipeline, at, kind, severity, message) VALUES (?, SYSUTCDATETIME(), "
                "N'test', N'info', N'written');",
         .values = {plan.pipeline}});
    return batch;
  }
  std::size_t written(const RunPlan& plan) {
    return target_->query("SELECT 1 FROM [millrace].[events] WHERE pipeline = ? AND kind = N'test'", {plan.pipeline})
        .size();
  }

  /// Connections of this process.
  static std::ptrdiff_t sockets() {
    std::ptrdiff_t found = 0;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
      std::error_code gone;
      found += std::filesystem::read_symlink(entry, gone).string().starts_with("socket:") ? 1 : 0;
    }
    return found;
  }

  std::unique_ptr<sqlserver::Session> target_;
  std::vector<RunPlan> plans_;
  pipeline::ServerSessions sessions_;
  pipeline::TenantSessions shared_{sessions_, "tenant"};
};

TEST_F(RestingSinks, ShareASession) {
  const auto before = sockets();
  std::vector<std::unique_ptr<SqlSink>> sinks;
  for (const auto& plan : plans_) sinks.push_back(sink(plan, std::chrono::milliseconds(0)));
  for (std::size_t i = 0; i < sinks.size(); ++i) sinks[i]->apply(writes(plans_[i], Lsn(150)));
  EXPECT_EQ(sockets(), before + kSinks);
  for (std::uint64_t lsn = 200; lsn < 203; ++lsn) {
    for (auto& each : sinks) each->apply(moves_to(Lsn(lsn)));
  }
  EXPECT_EQ(sockets(), before + 1);
  for (const auto& plan : plans_) EXPECT_EQ(position(plan), Lsn(202));
}

TEST_F(RestingSinks, WriteOnTheirOwnAgain) {
  const auto& plan = plans_.front();
  const auto writer = sink(plan, std::chrono::milliseconds(0));
  writer->apply(moves_to(Lsn(200)));
  writer->apply(writes(plan, Lsn(300)));
  EXPECT_EQ(written(plan), 1);
  EXPECT_EQ(position(plan), Lsn(300));
  writer->apply(moves_to(Lsn(400)));
  EXPECT_EQ(position(plan), Lsn(400));
}

TEST_F(RestingSinks, KeepTheirOwnForAWhile) {
  const auto& plan = plans_.front();
  const auto before = sockets();
  const auto writer = sink(plan, std::chrono::hours(1));
  writer->apply(writes(plan, Lsn(150)));
  writer->apply(moves_to(Lsn(200)));
  EXPECT_EQ(position(plan), Lsn(200));
  EXPECT_EQ(sockets(), before + 1);
}

TEST_F(RestingSinks, OpenNoneBeforeTheirFirstChanges) {
  const auto before = sockets();
  std::vector<std::unique_ptr<SqlSink>> sinks;
  for (const auto& plan : plans_) sinks.push_back(sink(plan, std::chrono::hours(1)));
  EXPECT_EQ(sockets(), before);
  for (auto& each : sinks) each->apply(moves_to(Lsn(200)));
  EXPECT_EQ(sockets(), before + 1);
}

TEST_F(RestingSinks, AreFencedOffAsOthersAre) {
  const auto& plan = plans_.front();
  const auto writer = sink(plan, std::chrono::milliseconds(0));
  writer->apply(moves_to(Lsn(200)));
  sqlserver::take_over(*target_, plan.pipeline);
  try {
    writer->apply(moves_to(Lsn(300)));
    FAIL() << "wrote behind a fence";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kFenced) << error.message();
  }
  EXPECT_EQ(position(plan), Lsn(200));
}

}  // namespace
}  // namespace millrace::replication
