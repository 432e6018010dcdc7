#pragma once

#include <stop_token>

#include "manager/cdc_manager.hpp"
#include "manager/registry.hpp"

namespace millrace::manager {

/// All or nothing, as CdcManager::create_pipeline says.
CreateResult create_pipeline(Registry& registry, pipeline::Engine& engine, const pipeline::PipelineSpec& spec,
                             const pipeline::Progress& progress, const std::stop_token& stop);

}  // namespace millrace::manager
