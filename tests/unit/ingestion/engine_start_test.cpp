#include <gmock/gmock.h>

#include "engine_fixture.hpp"

namespace millrace::ingestion {
namespace {

using ::testing::HasSubstr;

class EngineStart : public EngineTest {};

TEST_F(EngineStart, SourceRunsBeforeTheSinkIsMade) {
  engine()->start(plan, told(), stop.get_token());
  const auto at = [&](const char* line) { return std::find(cluster.log.begin(), cluster.log.end(), line); };
  EXPECT_LT(at("PUT /connectors/P-source/config"), at("GET /connectors/P-source/status"));
  EXPECT_LT(at("GET /connectors/P-source/status"), at("PUT /connectors/P-sink/config"));
  EXPECT_EQ(cluster.connectors.size(), 2U);
  EXPECT_EQ(lines.back(), "a heartbeat has passed through");
}

TEST_F(EngineStart, WaitsForConnectorAndTasksThatComeLater) {
  int looks = 0;
  cluster.intercept = [&](const HttpRequest& request) -> std::optional<HttpResponse> {
    if (request.path != "/connectors/P-source/status") return std::nullopt;
    ++looks;
    if (looks == 1)
      return HttpResponse{404, R"({"error_code":404,"message":"No status found for connector P-source"})"};
    cluster.connectors["P-source"].tasks = looks < 4 ? std::vector<std::string>{} : std::vector<std::string>{"RUNNING"};
    return std::nullopt;
  };
  engine()->start(plan, told(), stop.get_token());
  EXPECT_GE(looks, 4);
}

TEST_F(EngineStart, FailedSinkTaskTakesEverythingBackAndNamesIt) {
  cluster.on_deploy = [](const std::string& name, FakeConnect::Connector& connector) {
    if (name != "P-sink") return;
    connector.tasks = {"FAILED"};
    connector.trace =
        "java.lang.RuntimeException: x\n\tat a.b(C.java)\nCaused by: java.sql.SQLException: Login failed, password "
        "target-secret\n\tat d";
  };
  const auto error = error_of([&] { engine()->start(plan, told(), stop.get_token()); });
  EXPECT_EQ(error.code(), ErrorCode::kConnectorFailed);
  EXPECT_THAT(error.cause(), HasSubstr("Login failed, password ***"));
  EXPECT_TRUE(cluster.connectors.empty());
  EXPECT_THAT(error.notes(), ::testing::ElementsAre("removed offsets of P-sink", "removed connector P-sink",
                                                    "removed offsets of P-source", "removed connector P-source"));
}

TEST_F(EngineStart, NoHeartbeatInTimeIsAFailure) {
  cluster.on_deploy = nullptr;
  const auto error = error_of([&] { engine()->start(plan, told(), stop.get_token()); });
  EXPECT_EQ(error.code(), ErrorCode::kConnectorNotReady);
  EXPECT_LT(pause->total(), 2 * plan.spec.kafka.ready_timeout);
  EXPECT_TRUE(cluster.connectors.empty());
}

TEST_F(EngineStart, ALongLoadMayLastLongerThanTheTimeout) {
  int looks = 0;
  cluster.on_deploy = nullptr;
  cluster.intercept = [&](const HttpRequest& request) -> std::optional<HttpResponse> {
    if (request.path == "/connectors/P-sink/offsets") cluster.connectors["P-sink"].offsets.push_back(looks);
    if (request.path == "/connectors/P-source/topics" && ++looks == 300) {
      cluster.connectors["P-source"].topics = {"__debezium-heartbeat.P"};
    }
    return std::nullopt;
  };
  engine()->start(plan, told(), stop.get_token());
  EXPECT_GT(pause->total(), 5 * plan.spec.kafka.ready_timeout);
  EXPECT_THAT(lines, ::testing::Contains("the load goes on"));
}

TEST_F(EngineStart, ASinkThatFailsDuringTheLoadEndsTheWaiting) {
  cluster.on_deploy = nullptr;
  cluster.intercept = [&](const HttpRequest& request) -> std::optional<HttpResponse> {
    if (request.path == "/connectors/P-source/topics") cluster.connectors["P-sink"].tasks = {"FAILED"};
    return std::nullopt;
  };
  EXPECT_EQ(error_of([&] { engine()->start(plan, told(), stop.get_token()); }).code(), ErrorCode::kConnectorFailed);
  EXPECT_TRUE(cluster.connectors.empty());
}

TEST_F(EngineStart, StopTakesBackWhatWasMade) {
  cluster.on_deploy = nullptr;
  pause->on_wait = [&] { stop.request_stop(); };
  const auto error = error_of([&] { engine()->start(plan, told(), stop.get_token()); });
  EXPECT_EQ(error.code(), ErrorCode::kInterrupted);
  EXPECT_TRUE(cluster.connectors.empty());
}

TEST_F(EngineStart, DeploymentThatTimedOutButWasAppliedSucceeds) {
  bool timed_out = false;
  cluster.intercept = [&](const HttpRequest& request) -> std::optional<HttpResponse> {
    if (request.method != "PUT" || request.path != "/connectors/P-source/config" || timed_out) return std::nullopt;
    timed_out = true;
    cluster.connectors["P-source"].topics = {"__debezium-heartbeat.P"};
    return HttpResponse{500, R"({"error_code":500,"message":"Request timed out"})"};
  };
  engine()->start(plan, told(), stop.get_token());
  EXPECT_EQ(cluster.connectors.size(), 2U);
}

TEST_F(EngineStart, WhatCouldNotBeTakenBackIsSaid) {
  cluster.on_deploy = [&](const std::string& name, FakeConnect::Connector& connector) {
    if (name != "P-sink") return;
    connector.tasks = {"FAILED"};
    cluster.intercept = [](const HttpRequest& request) -> std::optional<HttpResponse> {
      if (request.method == "GET") return std::nullopt;
      throw Error(ErrorCode::kConnectUnreachable, "No answer.");
    };
  };
  const auto error = error_of([&] { engine()->start(plan, told(), stop.get_token()); });
  EXPECT_EQ(error.code(), ErrorCode::kConnectorFailed);
  EXPECT_THAT(error.notes(), ::testing::Contains(HasSubstr("could not remove")));
}

}  // namespace
}  // namespace millrace::ingestion
