#include <gmock/gmock.h>

#include "engine_fixture.hpp"

namespace millrace::ingestion {
namespace {

using pipeline::State;
using ::testing::HasSubstr;

class EngineStatus : public EngineTest {
 protected:
  EngineStatus() {
    cluster.connectors["P-source"];
    cluster.connectors["P-sink"];
  }

  pipeline::ServerSessions kept;
  pipeline::TenantSessions sessions{kept, "default"};

  pipeline::PipelineStatus status() {
    pipeline::PipelineStatus found;
    found.tables.push_back({.source = "public.orders"});
    engine()->fill_status(plan, found, sessions, stop.get_token());
    return found;
  }
};

TEST_F(EngineStatus, RunsWhenAllTasksRun) {
  const auto found = status();
  EXPECT_EQ(found.state, State::kRunning);
  EXPECT_EQ(found.reason, "");
  ASSERT_EQ(found.connectors.size(), 2U);
  EXPECT_EQ(found.connectors.at(0).kind, "source");
  EXPECT_EQ(found.connectors.at(1).kind, "sink");
}

TEST_F(EngineStatus, OneFailedTaskMakesThePipelineFailed) {
  cluster.connectors["P-sink"].tasks = {"RUNNING", "FAILED"};
  cluster.connectors["P-sink"].trace = "a.B: outer\nCaused by: c.D: the disk is full\n\tat e";
  const auto found = status();
  EXPECT_EQ(found.state, State::kFailed);
  EXPECT_THAT(found.reason, HasSubstr("task 1 of P-sink failed: D: the disk is full"));
}

TEST_F(EngineStatus, MissingConnectorIsAFailure) {
  cluster.connectors.erase("P-source");
  const auto found = status();
  EXPECT_EQ(found.state, State::kFailed);
  EXPECT_EQ(found.connectors.at(0).state, "MISSING");
}

TEST_F(EngineStatus, PausedAndUnassignedHaveTheirWords) {
  cluster.connectors["P-sink"].state = "PAUSED";
  cluster.connectors["P-sink"].tasks = {"PAUSED"};
  EXPECT_EQ(status().state, State::kPaused);
  cluster.connectors["P-source"].tasks = {"UNASSIGNED"};
  EXPECT_EQ(status().state, State::kDegraded);
}

TEST_F(EngineStatus, UnreachableClusterIsAWarningNotAFailure) {
  cluster.intercept = [](const HttpRequest&) -> std::optional<HttpResponse> {
    throw Error(ErrorCode::kConnectUnreachable, "No answer from Kafka Connect.");
  };
  const auto found = status();
  EXPECT_EQ(found.state, State::kUnknown);
  EXPECT_THAT(found.warnings, ::testing::Contains(HasSubstr("No answer from Kafka Connect.")));
}

TEST_F(EngineStatus, StartingWorkerDoesNotMakeConnectorsMissing) {
  cluster.intercept = [](const HttpRequest&) { return HttpResponse{404, "<html>404 Not Found</html>"}; };
  EXPECT_EQ(status().state, State::kUnknown);
}

TEST_F(EngineStatus, PauseAndResumeReachBothConnectors) {
  engine()->pause(plan, stop.get_token());
  EXPECT_EQ(cluster.connectors["P-source"].state, "PAUSED");
  EXPECT_EQ(cluster.connectors["P-sink"].state, "PAUSED");
  engine()->resume(plan, stop.get_token());
  EXPECT_EQ(status().state, State::kRunning);
}

TEST_F(EngineStatus, RestartDeploysWhatIsMissingAndRestartsOnlyWhatFailed) {
  cluster.connectors.erase("P-source");
  cluster.connectors["P-sink"].config = plan.connectors.at("P-sink");
  cluster.connectors["P-sink"].tasks = {"FAILED"};
  engine()->restart(plan, stop.get_token());
  EXPECT_TRUE(cluster.logged("PUT /connectors/P-source/config"));
  EXPECT_FALSE(cluster.logged("PUT /connectors/P-sink/config"));
  EXPECT_EQ(status().state, State::kRunning);
}

TEST_F(EngineStatus, RedeployGivesThePlansConfigAndWakesNothing) {
  cluster.connectors["P-source"].config = {{"heartbeat.interval.ms", "1"}};
  cluster.connectors["P-sink"].config = plan.connectors.at("P-sink");
  engine()->pause(plan, stop.get_token());
  engine()->redeploy(plan, stop.get_token());
  EXPECT_TRUE(cluster.logged("PUT /connectors/P-source/config"));
  EXPECT_FALSE(cluster.logged("PUT /connectors/P-sink/config")) << "it has it already";
  EXPECT_EQ(status().state, State::kPaused);
  cluster.connectors.erase("P-source");
  engine()->redeploy(plan, stop.get_token());
  EXPECT_FALSE(cluster.connectors.contains("P-source")) << "one that is missing would begin to run";
}

TEST_F(EngineStatus, DropRemovesOffsetsAndConnectorsAndMayBeRepeated) {
  engine()->drop(plan, false, told(), stop.get_token());
  EXPECT_TRUE(cluster.connectors.empty());
  EXPECT_EQ(lines.size(), 4U);
  EXPECT_TRUE(cluster.logged("DELETE /connectors/P-source/offsets"));
  lines.clear();
  engine()->drop(plan, false, told(), stop.get_token());
  EXPECT_TRUE(lines.empty());
}

TEST_F(EngineStatus, DropWaitsUntilTasksAreGoneBeforeItDeletesOffsets) {
  int looks = 0;
  cluster.intercept = [&](const HttpRequest& request) -> std::optional<HttpResponse> {
    if (request.path == "/connectors/P-source/status" && cluster.connectors.contains("P-source") &&
        cluster.connectors["P-source"].state == "STOPPED") {
      cluster.connectors["P-source"].tasks =
          ++looks < 3 ? std::vector<std::string>{"RUNNING"} : std::vector<std::string>{};
    }
    if (request.path == "/connectors/P-source/offsets") {
      EXPECT_GE(looks, 3);
    }
    return std::nullopt;
  };
  engine()->drop(plan, false, told(), stop.get_token());
  EXPECT_TRUE(cluster.connectors.empty());
}

}  // namespace
}  // namespace millrace::ingestion
