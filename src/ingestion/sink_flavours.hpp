#pragma once

#include "pipeline/plan.hpp"

namespace millrace::ingestion {

/// Each adds the keys that only its sink knows.
void debezium_sink(const pipeline::PipelinePlan& plan, pipeline::ExplainedConfig& config);
void confluent_sink(const pipeline::PipelinePlan& plan, pipeline::ExplainedConfig& config);
void aiven_sink(const pipeline::PipelinePlan& plan, pipeline::ExplainedConfig& config);

/// Puts a transform at the end of the chain; `why` tells what its type does here.
void add_transform(pipeline::ExplainedConfig& config, const std::string& name, const std::string& type,
                   const std::string& why);

}  // namespace millrace::ingestion
