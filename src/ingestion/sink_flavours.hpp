#pragma once

#include "pipeline/plan.hpp"

namespace millrace::ingestion {

/// Each adds the keys that only its sink knows.
void debezium_sink(const pipeline::PipelinePlan& plan, pipeline::ConnectorConfig& config);
void confluent_sink(const pipeline::PipelinePlan& plan, pipeline::ConnectorConfig& config);
void aiven_sink(const pipeline::PipelinePlan& plan, pipeline::ConnectorConfig& config);

/// Names of the transforms so far and those added, comma-separated, as the key `transforms` takes them.
void add_transform(pipeline::ConnectorConfig& config, const std::string& name, const std::string& type);

}  // namespace millrace::ingestion
