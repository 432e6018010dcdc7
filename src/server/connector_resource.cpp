#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "ingestion/kafka_connect_client.hpp"
#include "manager/registry.hpp"
#include "pipeline/names.hpp"
#include "server/api_json.hpp"
#include "server/own_event.hpp"
#include "server/progress_json.hpp"
#include "server/routes.hpp"
#include "support/error.hpp"
#include "support/retry.hpp"

namespace millrace::server {
namespace {

constexpr std::chrono::seconds kAnswerPatience{20};

/// A connector of the pipeline in the path, and the cluster that carries it.
struct Carried {
  std::string name;
  std::string kind;
  ingestion::KafkaConnectClient client;
};

Carried carried(const Call& call, Pause& pause) {
  const auto stored = manager::Registry(call.workspace()).load(call.parameters.at("name"));
  if (stored.spec.engine != pipeline::EngineKind::kKafkaConnect) {
    throw Error(ErrorCode::kPipelineState, "Kafka Connect does not carry the pipeline " + stored.name + ".",
                {.pipeline = stored.name});
  }
  const auto names = pipeline::derive_names(stored.spec);
  const auto& name = call.parameters.at("connector");
  if (name != names.source_connector && name != names.sink_connector) {
    throw Error(ErrorCode::kObjectNotFound, "The pipeline has no such connector.", {.pipeline = stored.name})
        .suggest("Its connectors are " + names.source_connector + " and " + names.sink_connector + ".");
  }
  return {
      name, name == names.source_connector ? "source" : "sink",
      ingestion::KafkaConnectClient(ingestion::make_curl_transport(stored.spec.kafka.connect), pause, kAnswerPatience)};
}

Response answer(const Call& call, Carried& connector, const std::string& what) {
  auto status = connector.client.status(connector.name, call.services.stop)
                    .value_or(pipeline::ConnectorStatus{.name = connector.name, .state = "MISSING"});
  status.kind = connector.kind;
  tell(call, "connector.restarted", call.parameters.at("name"), what + " was restarted");
  return json_response(connector_json(status, 0));
}

}  // namespace

Response restart_connector_handler(const Call& call) {
  ClockPause pause;
  auto connector = carried(call, pause);
  connector.client.restart(connector.name, /*only_failed=*/false, call.services.stop);
  return answer(call, connector, connector.name);
}

Response restart_task_handler(const Call& call) {
  const auto& text = call.parameters.at("task");
  int task = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), task);
  if (failure != std::errc() || end != text.data() + text.size() || task < 0) {
    throw Error(ErrorCode::kUsage, "A task is named by its number.", {.field = "task"});
  }
  ClockPause pause;
  auto connector = carried(call, pause);
  connector.client.restart_task(connector.name, task, call.services.stop);
  return answer(call, connector, "task " + text + " of " + connector.name);
}

}  // namespace millrace::server
