#pragma once

#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "ingestion/http_transport.hpp"
#include "pipeline/plan.hpp"
#include "pipeline/status.hpp"
#include "preflight/connect_facts.hpp"
#include "support/retry.hpp"

namespace millrace::ingestion {

/// One fault that the validate endpoint found.
struct ConfigFault {
  std::string key;
  std::string message;
};

struct ValidationResult {
  std::vector<ConfigFault> faults;
  std::vector<std::string> known_keys;  ///< the plugin's own, by which unknown ones are found
};

/// Kafka Connect's REST API (Apache Kafka, "Connect REST API"). Retries what a rebalance, a worker that catches up or
/// a broken connection makes fail, with backoff, for at most `patience`. Throws Error: kConnectUnreachable,
/// kConnectAuth, kConnectBusy (the patience is over), kConnectNotFound, kConnectConflict, kConnectRejected,
/// kInterrupted. Not thread-safe.
class KafkaConnectClient {
 public:
  KafkaConnectClient(std::unique_ptr<HttpTransport> transport, Pause& pause,
                     std::chrono::milliseconds patience = std::chrono::seconds(60));
  ~KafkaConnectClient();
  KafkaConnectClient(const KafkaConnectClient&) = delete;
  KafkaConnectClient& operator=(const KafkaConnectClient&) = delete;

  /// Version, cluster id, plugins of every kind where the worker lists them, and connector names.
  preflight::ConnectFacts facts(const std::stop_token& stop);

  ValidationResult validate(const pipeline::ConnectorConfig& config, const std::stop_token& stop);
  /// Creates or replaces: safe to repeat, also after an answer that got lost.
  void put_config(const std::string& connector, const pipeline::ConnectorConfig& config, const std::stop_token& stop);
  std::optional<pipeline::ConnectorConfig> find_config(const std::string& connector, const std::stop_token& stop);

  /// Nothing when the cluster does not know the connector.
  std::optional<pipeline::ConnectorStatus> status(const std::string& connector, const std::stop_token& stop);
  /// Of every connector of the cluster, by one request: Kafka 2.3 and later.
  std::map<std::string, pipeline::ConnectorStatus> statuses(const std::stop_token& stop);
  void pause(const std::string& connector, const std::stop_token& stop);
  void resume(const std::string& connector, const std::stop_token& stop);
  /// Ends the tasks, so that the slot is released and offsets can be deleted.
  void stop_connector(const std::string& connector, const std::stop_token& stop);
  /// The connector and its tasks; `only_failed` leaves running ones alone.
  void restart(const std::string& connector, bool only_failed, const std::stop_token& stop);
  void restart_task(const std::string& connector, int task, const std::stop_token& stop);
  /// How far the connector has come, as a text that changes when it does; the worker stores it once a minute or so.
  /// Empty when there is nothing yet, or the worker is older than Kafka 3.5.
  std::string offsets(const std::string& connector, const std::stop_token& stop);
  /// Only when stopped and without tasks.
  void delete_offsets(const std::string& connector, const std::stop_token& stop);
  /// Topics that the connector has used since its creation.
  std::vector<std::string> active_topics(const std::string& connector, const std::stop_token& stop);
  /// True: it was there.
  bool remove(const std::string& connector, const std::stop_token& stop);

 private:
  HttpResponse call(HttpRequest request, const std::stop_token& stop);
  HttpResponse expect(const HttpRequest& request, const std::stop_token& stop);
  void act(const std::string& method, const std::string& connector, const std::string& action,
           const std::stop_token& stop);

  std::unique_ptr<HttpTransport> transport_;
  Pause& pause_;
  std::chrono::milliseconds patience_;
  bool answered_ = false;  ///< the cluster has answered once, so that a broken connection is likely to pass
};

}  // namespace millrace::ingestion
