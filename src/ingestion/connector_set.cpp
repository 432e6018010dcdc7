#include "ingestion/connector_set.hpp"

#include <algorithm>

#include "ingestion/load_progress.hpp"
#include "support/error.hpp"

namespace millrace::ingestion {
namespace {

constexpr Milliseconds kFirstLook{200};
constexpr Milliseconds kSlowestLook{2000};

void say(const pipeline::Progress& progress, const std::string& line) {
  if (progress) progress(line);
}

}  // namespace

std::vector<std::string> ConnectorSet::names() const {
  return {plan_.names.source_connector, plan_.names.sink_connector};
}

/// Kafka Connect's REST API has nothing to wait on, so the state is asked for until it fits.
void ConnectorSet::wait_until(const std::string& what, const Condition& condition, const Condition& moved) {
  Backoff backoff(kFirstLook, kSlowestLook);
  const Milliseconds limit = plan_.spec.kafka.ready_timeout;
  Milliseconds asked{0};
  for (Milliseconds waited{0}; !condition();) {
    if (moved && waited - asked >= limit / 4) {
      asked = waited;
      if (moved()) waited = asked = Milliseconds{0};
    }
    if (waited >= limit) {
      throw Error(ErrorCode::kConnectorNotReady, what + " within " + std::to_string(limit.count() / 1000) + " s.");
    }
    const auto delay = backoff.next();
    if (!pause_.wait(delay, stop_)) throw Error(ErrorCode::kInterrupted, "Stopped on request.");
    waited += delay;
  }
}

bool ConnectorSet::runs(const std::string& connector) {
  const auto status = client_.status(connector, stop_);
  if (!status) return false;
  const auto fail = [&](const std::string& part, const std::string& cause) {
    Error error(ErrorCode::kConnectorFailed, part + " failed.");
    error.because(redact(redact(cause, plan_.spec.source.password), plan_.spec.target.password));
    // Debezium's sink hides a failed first connection behind this complaint; the worker's log has the reason.
    if (cause.find("Unable to determine Dialect") != std::string::npos) {
      error.suggest(
          "The worker could not connect to the target: check that it reaches the address in connection.url (see "
          "target_address) and that user and password are right there.");
    }
    throw error;
  };
  if (status->state == "FAILED") fail("The connector " + connector, status->root_cause);
  for (const auto& task : status->tasks) {
    if (task.state == "FAILED") fail("Task " + std::to_string(task.id) + " of " + connector, task.root_cause);
  }
  return status->state == "RUNNING" && !status->tasks.empty() &&
         std::all_of(status->tasks.begin(), status->tasks.end(),
                     [](const auto& task) { return task.state == "RUNNING"; });
}

void ConnectorSet::wait_running(const std::string& connector) {
  wait_until("The connector " + connector + " did not get all its tasks running", [&] { return runs(connector); });
}

void ConnectorSet::wait_heartbeat(const pipeline::Progress& progress) {
  const auto& config = plan_.connectors.at(plan_.names.source_connector);
  const auto interval = config.find("heartbeat.interval.ms");
  if (interval == config.end() || interval->second == "0") return;  // switched off by the user's override
  const auto& source = plan_.names.source_connector;
  const auto& sink = plan_.names.sink_connector;
  LoadProgress load(plan_, client_, stop_);
  const auto heartbeat = [&] {
    // Both are looked at: during a long load either can fail.
    if (!runs(source) || !runs(sink)) return false;
    const auto topics = client_.active_topics(source, stop_);
    return std::find(topics.begin(), topics.end(), plan_.names.heartbeat_topic) != topics.end();
  };
  const auto moved = [&] {
    if (!load.moved()) return false;
    say(progress, load.words());
    return true;
  };
  wait_until("No heartbeat came through the source connector, and nothing moved", heartbeat, moved);
}

void ConnectorSet::deploy(const pipeline::Progress& progress) {
  for (const auto& name : names()) {
    client_.put_config(name, plan_.connectors.at(name), stop_);
    wait_running(name);
    say(progress, "connector " + name + " runs");
  }
  wait_heartbeat(progress);
  // The sink could have failed on its first records meanwhile.
  wait_running(plan_.names.sink_connector);
  say(progress, "a heartbeat has passed through");
}

void ConnectorSet::pause() {
  for (const auto& name : names()) client_.pause(name, stop_);
  for (const auto& name : names()) {
    wait_until("The connector " + name + " did not pause", [&] {
      const auto status = client_.status(name, stop_);
      return status && status->state == "PAUSED" &&
             std::all_of(status->tasks.begin(), status->tasks.end(),
                         [](const auto& task) { return task.state == "PAUSED" || task.state == "FAILED"; });
    });
  }
}

void ConnectorSet::resume() {
  for (const auto& name : names()) client_.resume(name, stop_);
  for (const auto& name : names()) wait_running(name);
}

void ConnectorSet::put_if_other(const std::string& connector,
                                const std::optional<pipeline::ConnectorConfig>& deployed) {
  const auto& wanted = plan_.connectors.at(connector);
  auto comparable = deployed.value_or(pipeline::ConnectorConfig{});
  comparable.erase("name");
  if (!deployed || comparable != wanted) client_.put_config(connector, wanted, stop_);
}

void ConnectorSet::redeploy() {
  for (const auto& name : names()) {
    // One that is missing would begin to run: a restart deploys it.
    if (const auto deployed = client_.find_config(name, stop_)) put_if_other(name, deployed);
  }
}

void ConnectorSet::restart() {
  for (const auto& name : names()) {
    put_if_other(name, client_.find_config(name, stop_));
    // A connector whose config has just been stored is unknown until the worker has read it back.
    wait_until("The connector " + name + " did not appear", [&] { return client_.status(name, stop_).has_value(); });
    client_.resume(name, stop_);
    const auto status = client_.status(name, stop_);
    const bool failed =
        status && (status->state == "FAILED" || std::any_of(status->tasks.begin(), status->tasks.end(),
                                                            [](const auto& task) { return task.state == "FAILED"; }));
    client_.restart(name, failed, stop_);
    // The old failure is still told for a moment, so only a lasting one counts.
    wait_until("The connector " + name + " did not get all its tasks running", [&] {
      try {
        return runs(name);
      } catch (const Error& error) {
        if (error.code() != ErrorCode::kConnectorFailed) throw;
        return false;
      }
    });
  }
}

void ConnectorSet::remove_one(const std::string& connector, const pipeline::Progress& progress) {
  if (!client_.status(connector, stop_) && !client_.find_config(connector, stop_)) return;
  try {
    client_.stop_connector(connector, stop_);
    wait_until("The connector " + connector + " did not stop", [&] {
      const auto status = client_.status(connector, stop_);
      return !status || (status->state == "STOPPED" && status->tasks.empty());
    });
    client_.delete_offsets(connector, stop_);
    say(progress, "offsets of " + connector);
  } catch (const Error& error) {
    // Workers before Kafka 3.6 know neither request; the connector itself has to go all the same.
    if (error.code() != ErrorCode::kConnectNotFound && error.code() != ErrorCode::kConnectRejected) throw;
  }
  client_.remove(connector, stop_);
  wait_until("The connector " + connector + " did not go", [&] { return !client_.status(connector, stop_); });
  say(progress, "connector " + connector);
}

void ConnectorSet::remove(const pipeline::Progress& progress) {
  // The sink first: it reads what the source writes.
  remove_one(plan_.names.sink_connector, progress);
  remove_one(plan_.names.source_connector, progress);
}

}  // namespace millrace::ingestion
