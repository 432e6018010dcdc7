#include "ingestion/connect_engine.hpp"

#include "ingestion/connect_plan.hpp"
#include "ingestion/connect_status.hpp"
#include "ingestion/connector_set.hpp"
#include "ingestion/kafka_observer.hpp"
#include "support/error.hpp"

namespace millrace::ingestion {
namespace {

using pipeline::PipelinePlan;

class ConnectEngine : public pipeline::Engine {
 public:
  ConnectEngine(TransportFactory transports, std::shared_ptr<Pause> pause)
      : transports_(std::move(transports)), pause_(std::move(pause)) {}

  pipeline::EngineTraits traits(const pipeline::PipelineSpec& spec) const override {
    using preflight::RowsOnTarget;
    if (spec.snapshot != pipeline::SnapshotMode::kInitial) return {.uses_topics = true};
    const bool refuses = spec.kafka.load_policy == pipeline::LoadPolicy::kFail;
    return {.uses_topics = true,
            .manager_loads = true,
            .temporary_slots = 1,
            .rows_on_target = refuses ? RowsOnTarget::kRefused : RowsOnTarget::kRemoved};
  }

  void complete_plan(PipelinePlan& plan, const std::stop_token& stop) override {
    auto client = client_for(plan);
    ingestion::complete_plan(plan, client, stop);
  }

  void start(const PipelinePlan& plan, const pipeline::Progress& progress, const std::stop_token& stop) override {
    auto client = client_for(plan);
    try {
      ConnectorSet(plan, client, *pause_, stop).deploy(progress);
    } catch (Error& error) {
      take_back(plan, client, error);
      throw;
    }
  }

  void pause(const PipelinePlan& plan, const std::stop_token& stop) override {
    auto client = client_for(plan);
    ConnectorSet(plan, client, *pause_, stop).pause();
  }

  void resume(const PipelinePlan& plan, const std::stop_token& stop) override {
    auto client = client_for(plan);
    ConnectorSet(plan, client, *pause_, stop).resume();
  }

  void restart(const PipelinePlan& plan, const std::stop_token& stop) override {
    auto client = client_for(plan);
    ConnectorSet(plan, client, *pause_, stop).restart();
  }

  void redeploy(const PipelinePlan& plan, const std::stop_token& stop) override {
    auto client = client_for(plan);
    ConnectorSet(plan, client, *pause_, stop).redeploy();
  }

  void fill_status(const PipelinePlan& plan, pipeline::PipelineStatus& status, pipeline::TenantSessions&,
                   const std::stop_token& stop) override {
    // Short: a status is asked for again and again, and an unreachable cluster is itself an answer.
    auto client = client_for(plan, std::chrono::seconds(5));
    ingestion::fill_status(plan, status, client, stop);
  }

  void drop(const PipelinePlan& plan, bool drop_topics, const pipeline::Progress& progress,
            const std::stop_token& stop) override {
    auto client = client_for(plan);
    ConnectorSet(plan, client, *pause_, stop).remove(progress);
    if (!drop_topics) return;
    if (plan.spec.kafka.connect.kafka_bootstrap.empty()) {
      throw Error(ErrorCode::kUsage, "Topics can be removed only with --kafka-bootstrap.",
                  {.field = "kafka-bootstrap"});
    }
    auto topics = plan.topics;
    topics.push_back(plan.names.heartbeat_topic);
    topics.push_back(plan.names.pipeline + ".message");  // Debezium's, for logical decoding messages
    KafkaObserver observer(plan.spec.kafka.connect, "connect-" + plan.names.sink_connector);
    for (const auto& topic : observer.delete_topics(topics)) {
      if (progress) progress("topic " + topic);
    }
  }

 private:
  KafkaConnectClient client_for(const PipelinePlan& plan,
                                std::chrono::milliseconds patience = std::chrono::seconds(60)) const {
    return KafkaConnectClient(transports_(plan.spec.kafka.connect), *pause_, patience);
  }

  /// Taken back also when a stop was requested: half a pipeline is worse than a few seconds more.
  void take_back(const PipelinePlan& plan, KafkaConnectClient& client, Error& error) const {
    try {
      ConnectorSet(plan, client, *pause_, std::stop_token()).remove([&](const std::string& what) {
        error.note("removed " + what);
      });
    } catch (const Error& failure) {
      error.note("could not remove the connectors: " + failure.message());
    }
  }

  TransportFactory transports_;
  std::shared_ptr<Pause> pause_;
};

}  // namespace

std::unique_ptr<pipeline::Engine> make_connect_engine(TransportFactory transports, std::shared_ptr<Pause> pause) {
  return std::make_unique<ConnectEngine>(std::move(transports), std::move(pause));
}

}  // namespace millrace::ingestion
