#pragma once

#include <gtest/gtest.h>

#include "fake_connect.hpp"
#include "fake_transport.hpp"
#include "ingestion/connect_engine.hpp"

namespace millrace::ingestion {

/// One pipeline of one table on a cluster in memory. Every deployed source shows its heartbeat at once.
class EngineTest : public ::testing::Test {
 protected:
  EngineTest() {
    plan.spec.source.password = Secret("source-secret");
    plan.spec.target.password = Secret("target-secret");
    plan.spec.kafka.connect.url = "http://connect:8083";
    plan.spec.kafka.ready_timeout = std::chrono::seconds(30);
    plan.names = {.pipeline = "P",
                  .slot = "p_slot",
                  .publication = "p_pub",
                  .source_connector = "P-source",
                  .sink_connector = "P-sink",
                  .heartbeat_topic = "__debezium-heartbeat.P"};
    schema::TablePlan table;
    table.source.name = {"public", "orders"};
    table.target.name = {"dbo", "orders"};
    table.key = {"id"};
    table.key_kind = schema::KeyKind::kPrimaryKey;
    plan.tables = {table};
    plan.topics = {"P.public.orders"};
    plan.connectors = {{"P-source", {{"heartbeat.interval.ms", "5000"}}}, {"P-sink", {{"topics", "P.public.orders"}}}};
    cluster.on_deploy = [](const std::string& name, FakeConnect::Connector& connector) {
      if (name == "P-source") connector.topics = {"__debezium-heartbeat.P"};
    };
  }

  std::unique_ptr<pipeline::Engine> engine() {
    return make_connect_engine(
        [this](const pipeline::ConnectEndpoint&) { return std::make_unique<FakeConnectTransport>(cluster); }, pause);
  }

  pipeline::Progress told() {
    return [this](const std::string& line) { lines.push_back(line); };
  }

  /// The error that `action` throws.
  Error error_of(const std::function<void()>& action) {
    try {
      action();
    } catch (const Error& error) {
      return error;
    }
    ADD_FAILURE() << "nothing was thrown";
    return Error(ErrorCode::kInternal, "nothing was thrown");
  }

  FakeConnect cluster;
  std::shared_ptr<FakePause> pause = std::make_shared<FakePause>();
  pipeline::PipelinePlan plan;
  std::stop_source stop;
  std::vector<std::string> lines;
};

}  // namespace millrace::ingestion
