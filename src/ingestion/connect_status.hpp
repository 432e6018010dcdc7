#pragma once

#include "ingestion/kafka_connect_client.hpp"
#include "pipeline/plan.hpp"
#include "pipeline/status.hpp"

namespace millrace::ingestion {

/// The connectors' states, lag and record times. Never throws for what cannot be reached: it becomes a warning.
void fill_status(const pipeline::PipelinePlan& plan, pipeline::PipelineStatus& status, KafkaConnectClient& client,
                 const std::stop_token& stop);

/// The word for the whole, from the connectors alone; the reason is put beside it.
void judge_connectors(pipeline::PipelineStatus& status);

}  // namespace millrace::ingestion
