#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "manager/resources.hpp"
#include "pipeline/spec.hpp"
#include "security/secret_box.hpp"
#include "store/database.hpp"
#include "store/pipelines.hpp"

namespace millrace::manager {

/// A pipeline as it was stored.
struct StoredPipeline {
  std::string name;
  std::string state;  ///< creating | active | paused | failed | deleting
  pipeline::PipelineSpec spec;
  Resources resources;
  std::int64_t created_ms = 0;
};

/// The pipelines that this data directory knows: plain facts readable, everything that may hold a secret sealed.
/// Throws Error kStore. Not thread-safe.
class Registry {
 public:
  explicit Registry(const std::filesystem::path& data_dir);

  /// Throws Error kPipelineExists when the name is taken.
  void reserve(const std::string& name, const pipeline::PipelineSpec& spec);
  void save(const std::string& name, const std::string& state, const Resources& resources);
  void forget(const std::string& name);
  /// Throws Error kPipelineNotFound, with the nearest names.
  StoredPipeline load(const std::string& name);
  std::vector<StoredPipeline> list();

 private:
  StoredPipeline decode(const store::PipelineRecord& record) const;

  store::Database database_;
  store::Pipelines pipelines_;
  security::SecretBox box_;
};

}  // namespace millrace::manager
