#pragma once

#include <filesystem>
#include <stop_token>
#include <vector>

#include "manager/cdc_manager.hpp"
#include "manager/registry.hpp"
#include "replication/verify.hpp"

namespace millrace::manager {

/// As CdcManager::verify says.
std::vector<replication::TableVerdict> verify_pipeline(Registry& registry, const std::filesystem::path& data_dir,
                                                       const EngineFactory& engines, const StoredPipeline& stored,
                                                       const replication::VerifySettings& settings,
                                                       const pipeline::Progress& progress, const std::stop_token& stop);

}  // namespace millrace::manager
