#pragma once

#include <functional>
#include <optional>

#include "ingestion/kafka_connect_client.hpp"
#include "pipeline/engine.hpp"

namespace millrace::ingestion {

/// A pipeline's two connectors on one cluster: deploying, waiting for a condition, removing. Not thread-safe.
class ConnectorSet {
 public:
  ConnectorSet(const pipeline::PipelinePlan& plan, KafkaConnectClient& client, Pause& pause,
               const std::stop_token& stop)
      : plan_(plan), client_(client), pause_(pause), stop_(stop) {}

  /// Source first, then sink, each when the one before runs; returns when a heartbeat has reached Kafka. Debezium
  /// sends none before its snapshot is complete, so this lasts as long as the load does, and the timeout counts only
  /// while nothing moves. Throws Error kConnectorFailed with the root cause as soon as a task fails, kConnectorNotReady
  /// after the timeout.
  void deploy(const pipeline::Progress& progress);
  void pause();
  void resume();
  void restart();
  /// Gives each connector that is there the plan's config. Kafka Connect keeps a connector's target state apart from
  /// its config: one that is paused stays paused.
  void redeploy();
  /// Stops, forgets offsets, removes, and waits until the cluster does not know them. Repeatable.
  void remove(const pipeline::Progress& progress);

 private:
  using Condition = std::function<bool()>;

  std::vector<std::string> names() const;
  /// Deploys it when it differs from what is deployed.
  void put_if_other(const std::string& connector, const std::optional<pipeline::ConnectorConfig>& deployed);
  /// `moved` tells whether there was progress since it was last asked: then the timeout begins anew.
  void wait_until(const std::string& what, const Condition& condition, const Condition& moved = {});
  void wait_running(const std::string& connector);
  bool runs(const std::string& connector);
  void wait_heartbeat(const pipeline::Progress& progress);
  void remove_one(const std::string& connector, const pipeline::Progress& progress);

  const pipeline::PipelinePlan& plan_;
  KafkaConnectClient& client_;
  Pause& pause_;
  const std::stop_token& stop_;
};

}  // namespace millrace::ingestion
