#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "manager/resources.hpp"
#include "manager/workspace.hpp"
#include "pipeline/spec.hpp"
#include "store/pipelines.hpp"
#include "store/runs.hpp"

namespace millrace::manager {

/// A pipeline as it was stored.
struct StoredPipeline {
  std::string name;
  std::string state;  ///< creating | active | paused | failed | deleting
  pipeline::PipelineSpec spec;
  Resources resources;
  std::int64_t created_ms = 0;
  std::int64_t revision = 0;  ///< goes up with every change
};

class PipelineCache;

/// The pipelines that this data directory knows: plain facts readable, everything that may hold a secret sealed.
/// Throws Error kStore, kKeyRing. Not thread-safe; copies share the store.
class Registry {
 public:
  /// The default tenant's, in the store and with the key of `data_dir`.
  explicit Registry(const std::filesystem::path& data_dir) : Registry(open_workspace(data_dir)) {}
  explicit Registry(Workspace workspace);

  /// Throws Error kPipelineExists when the name is taken.
  void reserve(const std::string& name, const pipeline::PipelineSpec& spec);
  void save(const std::string& name, const std::string& state, const Resources& resources);
  /// Changes what is stored as it is at that moment, so that what others store meanwhile stays. `change` must not use
  /// the registry. Throws Error kPipelineNotFound, and what `change` throws, with nothing changed.
  void change(const std::string& name, const std::function<void(std::string& state, Resources& resources)>& change);
  /// The same for what is about to be made; a run takes no notice.
  void note(const std::string& name, const std::function<void(Resources& resources)>& change);
  /// Counts as a change: whoever runs the pipeline looks again.
  void touch(const std::string& name) {
    change(name, [](std::string&, Resources&) {});
  }
  /// Replaces the spec; with `expected` only at this revision, else throws Error kObjectChanged. With `resources` these
  /// too, both or neither.
  void save_spec(const std::string& name, const pipeline::PipelineSpec& spec,
                 std::optional<std::int64_t> expected = std::nullopt,
                 const std::optional<Resources>& resources = std::nullopt);
  void forget(const std::string& name);
  /// Throws Error kPipelineNotFound, with the nearest names.
  StoredPipeline load(const std::string& name);
  std::vector<StoredPipeline> list();
  /// By name, without their secrets: for what shows many of them.
  store::PageOf<std::shared_ptr<const StoredPipeline>> page(const store::PageRequest& request,
                                                            const store::PipelineFilter& filter, PipelineCache& cache);
  /// Nothing: there is no such pipeline. Cheap.
  std::optional<std::int64_t> revision(const std::string& name) { return pipelines_.revision(name); }
  /// What is known of the processes that run pipelines.
  store::Runs& runs() { return runs_; }
  const Workspace& workspace() const { return workspace_; }

 private:
  StoredPipeline decode(const store::PipelineRecord& record) const;
  StoredPipeline read(const store::PipelineRecord& record, const std::string& spec) const;
  security::SecretPlace place(const std::string& name) const;

  Workspace workspace_;
  store::Pipelines pipelines_;
  store::Runs runs_;
};

}  // namespace millrace::manager
