#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/spec.hpp"

namespace millrace::ingestion {

/// What the brokers tell of one topic.
struct TopicFacts {
  std::string topic;
  bool exists = false;
  std::int64_t messages = 0;                   ///< written since the topic's creation, as far as its offsets tell
  std::optional<std::int64_t> lag;             ///< not yet committed by the group; none while it never committed
  std::optional<std::int64_t> last_record_ms;  ///< Unix time of the newest record
};

/// Reads offsets from Kafka with librdkafka; joins no group and commits nothing. Throws Error kKafkaUnreachable.
/// Not thread-safe.
class KafkaObserver {
 public:
  /// `group` is the consumer group whose lag is told: "connect-<sink connector>".
  KafkaObserver(const pipeline::ConnectEndpoint& endpoint, const std::string& group,
                std::chrono::milliseconds timeout = std::chrono::seconds(5));
  ~KafkaObserver();
  KafkaObserver(const KafkaObserver&) = delete;
  KafkaObserver& operator=(const KafkaObserver&) = delete;

  /// Asks for the cluster's metadata: throws when no broker answers.
  void check_reachable();
  std::vector<TopicFacts> read(const std::vector<std::string>& topics);
  /// Names of those that were there and are gone now.
  std::vector<std::string> delete_topics(const std::vector<std::string>& topics);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace millrace::ingestion
