#pragma once

#include <nlohmann/json_fwd.hpp>

#include "pipeline/plan.hpp"
#include "pipeline/status.hpp"

namespace millrace::pipeline {

/// A status as CLI and API print it; absent values are null.
nlohmann::ordered_json status_json(const PipelineStatus& status);
/// A plan as CLI and API print it; every secret in a connector config is replaced by "***".
nlohmann::ordered_json plan_json(const PipelinePlan& plan);
nlohmann::ordered_json findings_json(const preflight::Findings& findings);

/// The config with inline passwords hidden: for people, never for Kafka Connect.
ConnectorConfig without_secrets(const ConnectorConfig& config);

}  // namespace millrace::pipeline
