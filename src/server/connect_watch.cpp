#include "server/connect_watch.hpp"

#include <mutex>
#include <set>
#include <utility>

#include "ingestion/connect_status.hpp"
#include "ingestion/kafka_connect_client.hpp"
#include "pipeline/names.hpp"
#include "server/connector_care.hpp"
#include "support/error.hpp"
#include "support/retry.hpp"
#include "support/unix_time.hpp"

namespace millrace::server {
namespace {

constexpr Milliseconds kConnectLook{10'000};
constexpr std::chrono::seconds kWatchPatience{5};

/// Pipelines that reach a cluster alike are asked for together.
std::string key_of(const pipeline::ConnectEndpoint& connect) {
  std::string key;
  for (const auto* part : {&connect.url, &connect.user, &connect.password.reveal(), &connect.token.reveal(),
                           &connect.ca_file, &connect.client_cert_file, &connect.client_key_file}) {
    key += std::to_string(part->size()) + ':' + *part;
  }
  return key;
}

Health health_of(pipeline::State state) {
  switch (state) {
    case pipeline::State::kRunning:
      return Health::kRunning;
    case pipeline::State::kFailed:
      return Health::kFailed;
    case pipeline::State::kUnknown:
      return Health::kUnknown;
    default:
      return Health::kDegraded;
  }
}

}  // namespace

/// One cluster and the pipelines on it.
class ConnectWatch::Cluster {
 public:
  struct Pipeline {
    PipelinePlace place;
    pipeline::PipelineNames names;
  };

  Cluster(ConnectWatch& watch, const pipeline::ConnectEndpoint& endpoint)
      : watch_(watch),
        client_(watch.transports_(endpoint), pause_, kWatchPatience),
        thread_([this](const std::stop_token& stop) { run(stop); }) {}

  void carry(std::vector<Pipeline> pipelines) {
    const std::lock_guard lock(mutex_);
    pipelines_ = std::move(pipelines);
  }

 private:
  void run(const std::stop_token& stop) {
    ClockPause pause;
    do {
      std::vector<Pipeline> pipelines;
      {
        const std::lock_guard lock(mutex_);
        pipelines = pipelines_;
      }
      if (pipelines.empty()) continue;
      try {
        look(pipelines, client_.statuses(stop), stop);
      } catch (const Error& error) {
        if (error.code() == ErrorCode::kInterrupted) return;
        for (const auto& pipeline : pipelines) {
          watch_.board_.connectors(pipeline.place, Health::kUnknown, error.message(), {}, {});
        }
      }
    } while (pause.wait(kConnectLook, stop));
  }

  void look(const std::vector<Pipeline>& pipelines, const std::map<std::string, pipeline::ConnectorStatus>& found,
            const std::stop_token& stop) {
    std::set<std::string> known;
    for (const auto& pipeline : pipelines) {
      pipeline::PipelineStatus status;
      std::map<std::string, int> restarts;
      std::optional<ConnectorCare::Verdict> trouble;
      for (const auto& [name, kind] :
           {std::pair{pipeline.names.source_connector, "source"}, std::pair{pipeline.names.sink_connector, "sink"}}) {
        known.insert(name);
        const auto connector = found.find(name);
        status.connectors.push_back(
            connector != found.end() ? connector->second : pipeline::ConnectorStatus{.name = name, .state = "MISSING"});
        status.connectors.back().kind = kind;
        auto& care = cares_[name];
        const auto verdict = care.look(status.connectors.back(), ConnectorCare::Clock::now());
        if (verdict.restart) restart(pipeline.place, name, verdict, care.restarts(), stop);
        if (verdict.failed && (!trouble || verdict.hopeless)) trouble = verdict;
        restarts[name] = care.restarts();
      }
      ingestion::judge_connectors(status);
      auto health = health_of(status.state);
      // A first failure is often a passing one, and the restart is under way.
      if (trouble && !trouble->hopeless) health = Health::kRetrying;
      watch_.board_.connectors(pipeline.place, health, status.reason, std::move(status.connectors),
                               std::move(restarts));
    }
    std::erase_if(cares_, [&](const auto& care) { return !known.contains(care.first); });
  }

  void restart(const PipelinePlace& place, const std::string& connector, const ConnectorCare::Verdict& verdict,
               int number, const std::stop_token& stop) {
    if (!watch_.acts_()) return;
    std::string message = connector + " failed (" + verdict.root_cause + "): ";
    std::string severity = verdict.hopeless ? "error" : "warning";
    try {
      client_.restart(connector, /*only_failed=*/true, stop);
      message += "restarted for the " + std::to_string(number) + ". time";
    } catch (const Error& error) {
      if (error.code() == ErrorCode::kInterrupted) throw;
      message += "could not be restarted: " + error.message();
      severity = "error";
    }
    watch_.events_.append({.tenant = place.tenant,
                           .kind = "connector.restarted",
                           .severity = severity,
                           .pipeline = place.name,
                           .actor = "millrace",
                           .message = message,
                           .code = std::string(error_info(ErrorCode::kConnectorFailed).id),
                           .cause = verdict.root_cause});
  }

  ConnectWatch& watch_;
  ClockPause pause_;
  ingestion::KafkaConnectClient client_;
  std::mutex mutex_;
  std::vector<Pipeline> pipelines_;
  std::map<std::string, ConnectorCare> cares_;  ///< by connector; used by the thread alone
  std::jthread thread_;                         ///< last: it uses all of the above
};

ConnectWatch::ConnectWatch(PipelineBook& book, LiveBoard& board, EventFeed& events, std::function<bool()> acts,
                           ingestion::TransportFactory transports)
    : book_(book),
      board_(board),
      events_(events),
      acts_(std::move(acts)),
      transports_(std::move(transports)),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

ConnectWatch::~ConnectWatch() = default;

void ConnectWatch::run(const std::stop_token& stop) {
  ClockPause pause;
  do {
    try {
      assign(stop);
    } catch (const std::exception&) {
      // The store is away: readiness tells, and what is known is watched on.
    }
  } while (pause.wait(kConnectLook, stop));
  clusters_.clear();
}

void ConnectWatch::assign(const std::stop_token&) {
  // What another server looks after, it tells.
  if (!acts_()) return clusters_.clear();
  std::map<std::string, std::pair<pipeline::ConnectEndpoint, std::vector<Cluster::Pipeline>>> wanted;
  for (const auto& [place, stored] : book_.read()) {
    if (stored->spec.engine != pipeline::EngineKind::kKafkaConnect || stored->state != "active") continue;
    auto& cluster = wanted[key_of(stored->spec.kafka.connect)];
    cluster.first = stored->spec.kafka.connect;
    cluster.second.push_back({place, pipeline::derive_names(stored->spec)});
  }
  std::erase_if(clusters_, [&](const auto& cluster) { return !wanted.contains(cluster.first); });
  for (auto& [key, cluster] : wanted) {
    auto& known = clusters_[key];
    if (!known) known = std::make_unique<Cluster>(*this, cluster.first);
    known->carry(std::move(cluster.second));
  }
}

}  // namespace millrace::server
