#pragma once

#include <optional>
#include <stop_token>

#include "manager/registry.hpp"
#include "pipeline/engine.hpp"
#include "pipeline/status.hpp"

namespace millrace::manager {

/// Asks engine, source and target, the last two on `sessions`; what cannot be reached becomes a warning, never an
/// error.
pipeline::PipelineStatus read_status(const StoredPipeline& stored, const std::optional<store::RunRecord>& run,
                                     pipeline::Engine& engine, pipeline::TenantSessions sessions,
                                     const std::stop_token& stop);

}  // namespace millrace::manager
