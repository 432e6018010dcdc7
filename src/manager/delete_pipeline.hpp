#pragma once

#include <stop_token>

#include "manager/cdc_manager.hpp"
#include "manager/registry.hpp"

namespace millrace::manager {

/// As CdcManager::delete_pipeline says.
DeleteResult delete_pipeline(Registry& registry, pipeline::Engine& engine, const std::string& name,
                             const DeleteOptions& options, const pipeline::Progress& progress,
                             const std::stop_token& stop);

}  // namespace millrace::manager
