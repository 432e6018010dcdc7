#pragma once

#include "ingestion/connector_types.hpp"
#include "pipeline/plan.hpp"

namespace millrace::ingestion {

/// The config of Debezium's PostgreSQL source connector for this plan, right for the plugin's version, each key with
/// its reason; the user's overrides last. Pure.
pipeline::ExplainedConfig generate_source_config(const pipeline::PipelinePlan& plan, const PluginVersion& version);

/// True when a selected column has no decimal type that holds its values, so that all decimals travel as text.
bool decimals_as_text(const pipeline::PipelinePlan& plan);

}  // namespace millrace::ingestion
