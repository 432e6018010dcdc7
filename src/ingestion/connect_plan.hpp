#pragma once

#include "ingestion/kafka_connect_client.hpp"
#include "pipeline/plan.hpp"

namespace millrace::ingestion {

/// Adds to a plan: findings about the cluster and the brokers, the resolved sink, both configs, and what the validate
/// endpoint says of them.
void complete_plan(pipeline::PipelinePlan& plan, KafkaConnectClient& client, const std::stop_token& stop);

}  // namespace millrace::ingestion
