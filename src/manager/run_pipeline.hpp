#pragma once

#include <filesystem>
#include <stop_token>
#include <string>

#include "manager/cdc_manager.hpp"
#include "manager/registry.hpp"
#include "replication/run_observer.hpp"

namespace millrace::manager {

/// Runs a pipeline in the calling thread, as CdcManager::run says. While it runs, a thread looks at the store once a
/// second and leaves signs of life there; a change of the pipeline ends the
/// attempt, and the next one goes by what is stored now.
RunEnd run_pipeline(Registry& registry, const EngineFactory& engines, const std::string& name,
                    const RunRequest& request, replication::RunObserver& observer, const std::stop_token& stop);

}  // namespace millrace::manager
