#pragma once

#include <filesystem>
#include <stop_token>
#include <vector>

#include "manager/cdc_manager.hpp"
#include "manager/registry.hpp"
#include "replication/verify.hpp"

namespace millrace::manager {

/// What looking at both sides has to know of a pipeline of this data directory: whether a process runs it, and how to
/// catch up here when nobody does. The references outlive the hooks. Throws Error kPipelineState for an engine that
/// does not run in this process.
replication::VerifyHooks verify_hooks(Registry& registry, const EngineFactory& engines, const StoredPipeline& stored,
                                      const pipeline::Progress& progress);

/// As CdcManager::verify says.
std::vector<replication::TableVerdict> verify_pipeline(Registry& registry, const EngineFactory& engines,
                                                       const StoredPipeline& stored,
                                                       const replication::VerifySettings& settings,
                                                       const pipeline::Progress& progress, const std::stop_token& stop);

}  // namespace millrace::manager
