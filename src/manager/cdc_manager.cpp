#include "manager/cdc_manager.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "manager/change_settings.hpp"
#include "manager/change_tables.hpp"
#include "manager/create_pipeline.hpp"
#include "manager/delete_pipeline.hpp"
#include "manager/entry.hpp"
#include "manager/pipeline_status.hpp"
#include "manager/plan_pipeline.hpp"
#include "manager/registry.hpp"
#include "manager/run_pipeline.hpp"
#include "manager/table_renames.hpp"
#include "manager/verify_pipeline.hpp"
#include "pipeline/judge_hosts.hpp"
#include "pipeline/words.hpp"
#include "postgres/connection.hpp"
#include "replication/embedded_engine.hpp"
#include "sqlserver/session.hpp"
#include "support/error.hpp"

namespace millrace::manager {
namespace {

void refuse_saved(const std::string& side, const Secret& password, const std::string& connection) {
  if (password.empty() || connection.empty()) return;
  throw Error(ErrorCode::kUsage, "The " + side + " comes from a saved connection.", {.field = side + ".password"})
      .suggest("Change the connection's password: every pipeline that comes from it follows.");
}

}  // namespace

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

  /// One whose tables can be changed while it lives.
  StoredPipeline changeable(const std::string& name) {
    StoredPipeline stored = settled(name);
    if (!engines(stored.spec)->traits(stored.spec).runs_in_process) {
      throw Error(ErrorCode::kPipelineState, "The tables of a pipeline that Kafka Connect carries cannot be changed.",
                  {.pipeline = name})
          .suggest("Delete it and create it again, or make a second pipeline for further tables.");
    }
    // What a run that was killed left for the next; before the first run there is nothing that it could have left.
    const auto& routes = stored.resources.routes;
    const bool ran = std::any_of(routes.begin(), routes.end(), [](const auto& route) { return route.oid.value != 0; });
    if (ran && follow_renames(registry, name)) return settled(name);
    return stored;
  }

  /// One that somebody began to delete meanwhile stays that way.
  void become(const std::string& name, const std::string& to) {
    registry.change(name, [&](std::string& state, Resources&) {
      if (state == "active" || state == "paused") state = to;
    });
  }

  /// Once the servers have taken them; an empty one stays as it is.
  void store_passwords(StoredPipeline stored, const Secret& source, const Secret& target) {
    if (!source.empty()) {
      stored.spec.source.password = source;
      const postgres::Connection proof(stored.spec.source);
    }
    if (!target.empty()) {
      stored.spec.target.password = target;
      const sqlserver::Session proof(stored.spec.target);
    }
    // What was changed meanwhile is not taken back.
    registry.save_spec(stored.name, stored.spec, stored.revision);
  }

  /// A process that runs the pipeline follows by itself; connectors do not.
  void deploy_passwords(CdcManager& manager, const std::string& name, const std::stop_token& stop) {
    const auto stored = registry.load(name);
    const auto engine = engines(stored.spec);
    if (engine->traits(stored.spec).runs_in_process) return;
    if (stored.state == "paused") return engine->redeploy(replan(stored, *engine, stop), stop);
    manager.restart(name, stop);
  }

  StoredPipeline with_quarantine(const std::string& name) {
    StoredPipeline stored = settled(name);
    if (engines(stored.spec)->traits(stored.spec).runs_in_process) return stored;
    throw Error(ErrorCode::kPipelineState, "A pipeline that Kafka Connect carries has no quarantine.",
                {.pipeline = name})
        .suggest("Its sink stops at a row that it cannot write: `millrace status` shows the cause.");
  }
};

CdcManager::CdcManager(const std::filesystem::path& data_dir, EngineFactory engines)
    : CdcManager(open_workspace(data_dir), std::move(engines)) {}

CdcManager::CdcManager(Workspace workspace, EngineFactory engines)
    : impl_(new Impl{Registry(std::move(workspace)), std::move(engines)}) {}

CdcManager::~CdcManager() = default;

pipeline::PipelinePlan CdcManager::plan(const pipeline::PipelineSpec& spec, const std::stop_token& stop) {
  const auto engine = impl_->engines(spec);
  return plan_pipeline(pipeline::guarded(spec, impl_->registry.workspace().guard), *engine, stop).plan;
}

CreateResult CdcManager::create_pipeline(const pipeline::PipelineSpec& spec, const pipeline::Progress& progress,
                                         const std::stop_token& stop) {
  const auto engine = impl_->engines(spec);
  return manager::create_pipeline(impl_->registry, *engine, pipeline::guarded(spec, impl_->registry.workspace().guard),
                                  progress, stop);
}

pipeline::PipelinePlan CdcManager::generated(const std::string& name, const std::stop_token& stop) {
  const auto stored = impl_->registry.load(name);
  const auto engine = impl_->engines(stored.spec);
  return engine->traits(stored.spec).runs_in_process ? stored_plan(stored) : replan(stored, *engine, stop);
}

void CdcManager::change_settings(const std::string& name, const nlohmann::json& patch, std::int64_t revision,
                                 const std::stop_token& stop) {
  const auto stored = impl_->settled(name);
  if (stored.revision != revision) {
    throw Error(ErrorCode::kObjectChanged, "The pipeline " + name + " was changed meanwhile.", {.pipeline = name});
  }
  auto spec = patched_spec(stored.spec, patch);
  if (const auto& folder = impl_->registry.workspace().certificates) confine_change(stored.spec, spec, *folder);
  manager::change_settings(impl_->registry, *impl_->engines(spec), stored, spec, revision, stop);
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

pipeline::PipelineStatus CdcManager::status(const std::string& name, pipeline::ServerSessions& sessions,
                                            const std::stop_token& stop) {
  const auto stored = impl_->registry.load(name);
  return read_status(stored, impl_->registry.runs().find(name), *impl_->engines(stored.spec),
                     {sessions, impl_->registry.workspace().tenant}, stop);
}

pipeline::PipelineStatus CdcManager::status(const std::string& name, const std::stop_token& stop) {
  pipeline::ServerSessions sessions;
  return status(name, sessions, stop);
}

void CdcManager::pause(const std::string& name, const std::stop_token& stop) {
  const auto stored = impl_->settled(name);
  impl_->engines(stored.spec)->pause(stored_plan(stored), stop);
  impl_->become(name, "paused");
}

void CdcManager::resume(const std::string& name, const std::stop_token& stop) {
  const auto stored = impl_->settled(name);
  impl_->engines(stored.spec)->resume(stored_plan(stored), stop);
  impl_->become(name, "active");
}

void CdcManager::restart(const std::string& name, const std::stop_token& stop) {
  const auto stored = impl_->settled(name);
  const auto engine = impl_->engines(stored.spec);
  // Nothing that a restart could deploy depends on the source's tables when the data moves in a process of its own.
  const bool in_process = engine->traits(stored.spec).runs_in_process;
  engine->restart(in_process ? stored_plan(stored) : replan(stored, *engine, stop), stop);
  impl_->registry.runs().clear_error(name);
  impl_->become(name, "active");
}

void CdcManager::set_passwords(const std::string& name, const Secret& source, const Secret& target,
                               const std::stop_token& stop) {
  auto stored = impl_->settled(name);
  refuse_saved("source", source, stored.spec.source.connection);
  refuse_saved("target", target, stored.spec.target.connection);
  impl_->store_passwords(std::move(stored), source, target);
  impl_->deploy_passwords(*this, name, stop);
}

void CdcManager::follow_connection(const std::string& name, const std::string& id, const pipeline::PipelineSpec& saved,
                                   const std::stop_token& stop) {
  auto stored = impl_->settled(name);
  const auto before = stored.spec;
  const bool source = before.source.connection == id;
  const bool target = before.target.connection == id;
  auto spec = before;
  if (source) take_entry(spec.source, saved.source);
  if (target) take_entry(spec.target, saved.target);
  const bool password_alone = same_way(before.source, spec.source) && same_way(before.target, spec.target) &&
                              before.source.user == spec.source.user && before.target.user == spec.target.user;
  if (!password_alone) {
    manager::change_settings(impl_->registry, *impl_->engines(spec), stored, spec, stored.revision, stop);
    return;
  }
  impl_->store_passwords(std::move(stored), source ? spec.source.password : Secret(),
                         target ? spec.target.password : Secret());
  impl_->deploy_passwords(*this, name, stop);
}

std::string CdcManager::only_runnable() {
  std::vector<std::string> names;
  for (const auto& stored : impl_->registry.list()) {
    if (impl_->engines(stored.spec)->traits(stored.spec).runs_in_process) names.push_back(stored.name);
  }
  if (names.size() == 1) return names.front();
  Error error(ErrorCode::kUsage,
              names.empty() ? "There is no pipeline to run." : "There is more than one pipeline: name the one to run.",
              {.field = "pipeline"});
  for (const auto& name : names) error.note(name);
  throw error.suggest(names.empty() ? "`millrace create --help` shows how to make one." : "millrace run NAME");
}

RunEnd CdcManager::run(const std::string& name, const RunRequest& request, replication::RunObserver& observer,
                       const std::stop_token& stop) {
  return run_pipeline(impl_->registry, impl_->engines, name, request, observer, stop);
}

TableChangeResult CdcManager::add_tables(const std::string& name, const std::vector<std::string>& tables,
                                         const std::map<schema::TableName, schema::TableOptions>& mapping,
                                         const pipeline::Progress& progress, const std::stop_token& stop) {
  const auto stored = impl_->changeable(name);
  auto spec = stored.spec;
  spec.tables = tables;
  for (const auto& [table, options] : mapping) spec.mapping.tables[table] = options;
  return manager::add_tables(impl_->registry, *impl_->engines(spec), stored, spec, progress, stop);
}

TableChangeResult CdcManager::remove_tables(const std::string& name, const std::vector<std::string>& tables,
                                            bool drop_tables, const pipeline::Progress& progress,
                                            const std::stop_token& stop) {
  return manager::remove_tables(impl_->registry, impl_->changeable(name), tables, drop_tables, progress, stop);
}

TableChangeResult CdcManager::reload_table(const std::string& name, const std::string& table,
                                           const pipeline::Progress& progress, const std::stop_token& stop) {
  const auto stored = impl_->changeable(name);
  return manager::reload_table(impl_->registry, *impl_->engines(stored.spec), stored, table, progress, stop,
                               ReloadReason::kAsked);
}

std::vector<replication::TableVerdict> CdcManager::verify(const std::string& name,
                                                          const replication::VerifySettings& settings,
                                                          const pipeline::Progress& progress,
                                                          const std::stop_token& stop) {
  return verify_pipeline(impl_->registry, impl_->engines, impl_->settled(name), settings, progress, stop);
}

std::vector<replication::QuarantineEntry> CdcManager::quarantined(const std::string& name,
                                                                  const replication::QuarantineFilter& filter) {
  return replication::read_quarantine(impl_->with_quarantine(name).spec.target, name, filter);
}

std::int64_t CdcManager::discard_quarantined(const std::string& name, const replication::QuarantineFilter& filter) {
  return replication::discard_quarantined(impl_->with_quarantine(name).spec.target, name, filter);
}

std::vector<replication::RetriedRow> CdcManager::retry_quarantined(const std::string& name,
                                                                   const replication::QuarantineFilter& filter,
                                                                   const pipeline::Progress& progress,
                                                                   const std::stop_token& stop) {
  const auto stored = impl_->with_quarantine(name);
  const auto hooks = verify_hooks(impl_->registry, impl_->engines, stored, progress);
  return replication::retry_quarantined(replication::make_run_plan(stored_plan(stored)), filter, hooks, stop);
}

DeleteResult CdcManager::delete_pipeline(const std::string& name, const DeleteOptions& options,
                                         const pipeline::Progress& progress, const std::stop_token& stop) {
  auto stored = impl_->registry.load(name);
  if (impl_->engines(stored.spec)->traits(stored.spec).runs_in_process) {
    try {
      if (follow_renames(impl_->registry, name)) stored = impl_->registry.load(name);
    } catch (const Error&) {
      // A target that is away is told where things are removed from it.
    }
  }
  return manager::delete_pipeline(impl_->registry, *impl_->engines(stored.spec), name, options, progress, stop);
}

}  // namespace millrace::manager
