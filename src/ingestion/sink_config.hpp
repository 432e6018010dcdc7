#pragma once

#include "ingestion/connector_types.hpp"
#include "pipeline/plan.hpp"

namespace millrace::ingestion {

/// The config of the one sink connector that serves all tables of this plan, each key with its reason; the user's
/// overrides last. Pure.
/// Throws Error kUsage for a combination that the sink cannot do.
pipeline::ExplainedConfig generate_sink_config(const pipeline::PipelinePlan& plan, pipeline::SinkFlavour flavour,
                                               const PluginVersion& version);

/// The chain that `auto` stands for: Debezium's own sink reads the envelope, the others need it unwrapped.
pipeline::UnwrapMode effective_unwrap(const pipeline::PipelineSpec& spec, pipeline::SinkFlavour flavour);

/// True when the sink learns of a delete by a record without value.
bool needs_tombstones(const pipeline::PipelinePlan& plan);

/// Debezium's time.precision.mode that this plan's sink understands without loss.
std::string time_precision_mode(const pipeline::PipelinePlan& plan);

}  // namespace millrace::ingestion
