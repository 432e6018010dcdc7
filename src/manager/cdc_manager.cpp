#include "manager/cdc_manager.hpp"

#include <utility>

#include "manager/create_pipeline.hpp"
#include "manager/delete_pipeline.hpp"
#include "manager/pipeline_status.hpp"
#include "manager/plan_pipeline.hpp"
#include "manager/registry.hpp"
#include "pipeline/words.hpp"
#include "support/error.hpp"

namespace millrace::manager {

struct CdcManager::Impl {
  Registry registry;
  EngineFactory engines;

  /// A pipeline that carries data, or was made to: not one whose creation or deletion stopped half-way.
  StoredPipeline settled(const std::string& name) {
    StoredPipeline stored = registry.load(name);
    if (stored.state != "active" && stored.state != "paused") {
      throw Error(ErrorCode::kPipelineState, "The pipeline " + name + " is in state " + stored.state + ".",
                  {.pipeline = name})
          .suggest("`millrace delete " + name + "` removes what is left of it.");
    }
    return stored;
  }
};

CdcManager::CdcManager(const std::filesystem::path& data_dir, EngineFactory engines)
    : impl_(new Impl{Registry(data_dir), std::move(engines)}) {}

CdcManager::~CdcManager() = default;

pipeline::PipelinePlan CdcManager::plan(const pipeline::PipelineSpec& spec, const std::stop_token& stop) {
  const auto engine = impl_->engines(spec);
  return plan_pipeline(spec, *engine, stop).plan;
}

CreateResult CdcManager::create_pipeline(const pipeline::PipelineSpec& spec, const pipeline::Progress& progress,
                                         const std::stop_token& stop) {
  const auto engine = impl_->engines(spec);
  return manager::create_pipeline(impl_->registry, *engine, spec, progress, stop);
}

std::vector<PipelineSummary> CdcManager::list() {
  std::vector<PipelineSummary> summaries;
  for (const auto& stored : impl_->registry.list()) {
    PipelineSummary summary{.name = stored.name,
                            .state = stored.state,
                            .engine = pipeline::to_word(stored.spec.engine),
                            .source = display_url(stored.spec.source),
                            .target = display_url(stored.spec.target),
                            .created_ms = stored.created_ms};
    for (const auto& route : stored.resources.routes) summary.tables.push_back(route.source.to_string());
    summaries.push_back(std::move(summary));
  }
  return summaries;
}

pipeline::PipelineStatus CdcManager::status(const std::string& name, const std::stop_token& stop) {
  const auto stored = impl_->registry.load(name);
  return read_status(stored, *impl_->engines(stored.spec), stop);
}

void CdcManager::pause(const std::string& name, const std::stop_token& stop) {
  const auto stored = impl_->settled(name);
  impl_->engines(stored.spec)->pause(stored_plan(stored), stop);
  impl_->registry.save(name, "paused", stored.resources);
}

void CdcManager::resume(const std::string& name, const std::stop_token& stop) {
  const auto stored = impl_->settled(name);
  impl_->engines(stored.spec)->resume(stored_plan(stored), stop);
  impl_->registry.save(name, "active", stored.resources);
}

void CdcManager::restart(const std::string& name, const std::stop_token& stop) {
  const auto stored = impl_->settled(name);
  const auto engine = impl_->engines(stored.spec);
  engine->restart(replan(stored, *engine, stop), stop);
  impl_->registry.save(name, "active", stored.resources);
}

DeleteResult CdcManager::delete_pipeline(const std::string& name, const DeleteOptions& options,
                                         const pipeline::Progress& progress, const std::stop_token& stop) {
  const auto stored = impl_->registry.load(name);
  return manager::delete_pipeline(impl_->registry, *impl_->engines(stored.spec), name, options, progress, stop);
}

}  // namespace millrace::manager
