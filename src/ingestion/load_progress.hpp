#pragma once

#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>

#include "ingestion/kafka_connect_client.hpp"
#include "ingestion/kafka_observer.hpp"
#include "pipeline/plan.hpp"

namespace millrace::ingestion {

/// Tells whether a load goes on: by the topics' sizes where the brokers can be asked, and by the offsets that Kafka
/// Connect stores, which show it about once a minute.
class LoadProgress {
 public:
  LoadProgress(const pipeline::PipelinePlan& plan, KafkaConnectClient& client, const std::stop_token& stop);

  /// True when something moved since the last question. Brokers that do not answer count as no movement.
  bool moved();
  /// "the load goes on: 22356 records in Kafka", for people.
  std::string words() const;

 private:
  void count_records();
  std::string read_offsets();

  const pipeline::PipelinePlan& plan_;
  KafkaConnectClient& client_;
  const std::stop_token& stop_;
  std::unique_ptr<KafkaObserver> observer_;  ///< none without brokers' addresses
  std::int64_t records_ = 0;
  std::string offsets_;
};

}  // namespace millrace::ingestion
