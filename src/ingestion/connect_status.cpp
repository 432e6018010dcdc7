#include "ingestion/connect_status.hpp"

#include <algorithm>

#include "ingestion/kafka_observer.hpp"
#include "support/error.hpp"

namespace millrace::ingestion {
namespace {

using pipeline::ConnectorStatus;
using pipeline::PipelineStatus;
using pipeline::State;

constexpr const char* kMissing = "MISSING";

void read_lag(const pipeline::PipelinePlan& plan, PipelineStatus& status) {
  if (plan.spec.kafka.connect.kafka_bootstrap.empty()) {
    status.warnings.push_back("lag in messages is not known without --kafka-bootstrap");
    return;
  }
  try {
    KafkaObserver observer(plan.spec.kafka.connect, "connect-" + plan.names.sink_connector);
    std::int64_t lag = 0;
    const auto facts = observer.read(plan.topics);
    for (std::size_t i = 0; i < facts.size() && i < status.tables.size(); ++i) {
      if (!facts[i].exists) continue;  // no row has been written yet
      auto& table = status.tables[i];
      table.messages = facts[i].messages;
      table.lag_messages = facts[i].lag;
      table.last_change_ms = facts[i].last_record_ms;
      lag += facts[i].lag.value_or(0);
      if (table.last_change_ms && table.last_change_ms > status.last_change_ms)
        status.last_change_ms = table.last_change_ms;
    }
    status.sink_lag_messages = lag;
  } catch (const Error& error) {
    status.warnings.push_back("Kafka: " + error.message());
  }
}

/// The first fault of a connector, worst kind first; an empty reason when it runs.
std::pair<State, std::string> judge(const ConnectorStatus& connector) {
  if (connector.state == kMissing) return {State::kFailed, connector.name + " is not deployed"};
  const auto because = [](const std::string& cause) { return cause.empty() ? "" : ": " + cause; };
  if (connector.state == "FAILED") return {State::kFailed, connector.name + " failed" + because(connector.root_cause)};
  for (const auto& task : connector.tasks) {
    if (task.state == "FAILED") {
      return {State::kFailed,
              "task " + std::to_string(task.id) + " of " + connector.name + " failed" + because(task.root_cause)};
    }
  }
  if (connector.state == "PAUSED" || connector.state == "STOPPED")
    return {State::kPaused, connector.name + " is paused"};
  if (connector.state != "RUNNING") return {State::kDegraded, connector.name + " is " + connector.state};
  if (connector.tasks.empty()) return {State::kDegraded, connector.name + " has no task"};
  for (const auto& task : connector.tasks) {
    if (task.state != "RUNNING") {
      return {State::kDegraded, "task " + std::to_string(task.id) + " of " + connector.name + " is " + task.state};
    }
  }
  return {State::kRunning, ""};
}

int badness(State state) {
  switch (state) {
    case State::kFailed:
      return 3;
    case State::kDegraded:
      return 2;
    case State::kPaused:
      return 1;
    default:
      return 0;
  }
}

}  // namespace

void judge_connectors(PipelineStatus& status) {
  status.state = State::kRunning;
  status.reason.clear();
  for (const auto& connector : status.connectors) {
    const auto [state, reason] = judge(connector);
    if (badness(state) > badness(status.state)) {
      status.state = state;
      status.reason = reason;
    }
  }
}

void fill_status(const pipeline::PipelinePlan& plan, PipelineStatus& status, KafkaConnectClient& client,
                 const std::stop_token& stop) {
  try {
    for (const auto& [name, kind] :
         {std::pair{plan.names.source_connector, "source"}, std::pair{plan.names.sink_connector, "sink"}}) {
      auto connector = client.status(name, stop).value_or(ConnectorStatus{.name = name, .state = kMissing});
      connector.kind = kind;
      status.connectors.push_back(std::move(connector));
    }
    judge_connectors(status);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kInterrupted) throw;
    status.state = State::kUnknown;
    status.reason = error.message();
    status.warnings.push_back("Kafka Connect: " + error.message());
  }
  read_lag(plan, status);
}

}  // namespace millrace::ingestion
