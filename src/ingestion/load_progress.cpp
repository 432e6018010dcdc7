#include "ingestion/load_progress.hpp"

#include "support/error.hpp"

namespace millrace::ingestion {

LoadProgress::LoadProgress(const pipeline::PipelinePlan& plan, KafkaConnectClient& client, const std::stop_token& stop)
    : plan_(plan), client_(client), stop_(stop) {
  offsets_ = read_offsets();
  const auto& connect = plan.spec.kafka.connect;
  if (connect.kafka_bootstrap.empty()) return;
  observer_ = std::make_unique<KafkaObserver>(connect, "connect-" + plan.names.sink_connector);
  count_records();
}

void LoadProgress::count_records() {
  try {
    std::int64_t records = 0;
    for (const auto& topic : observer_->read(plan_.topics)) records += topic.messages;
    records_ = records;
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kKafkaUnreachable) throw;
  }
}

std::string LoadProgress::read_offsets() {
  return client_.offsets(plan_.names.source_connector, stop_) + client_.offsets(plan_.names.sink_connector, stop_);
}

bool LoadProgress::moved() {
  const auto records_before = records_;
  if (observer_) count_records();
  auto offsets = read_offsets();
  const bool moved = records_ != records_before || offsets != offsets_;
  offsets_ = std::move(offsets);
  return moved;
}

std::string LoadProgress::words() const {
  return observer_ ? "the load goes on: " + std::to_string(records_) + " records in Kafka" : "the load goes on";
}

}  // namespace millrace::ingestion
