#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "pipeline/engine.hpp"
#include "pipeline/plan.hpp"
#include "pipeline/spec.hpp"
#include "pipeline/status.hpp"

namespace millrace::manager {

/// What create_pipeline answers.
struct CreateResult {
  std::string pipeline_id;
  std::string debezium_connector_name;
  std::string sink_connector_name;
  std::vector<std::string> kafka_topics;
  std::string status;            ///< "active"
  preflight::Findings warnings;  ///< preflight's warnings, for people
};

/// A line of `millrace list`.
struct PipelineSummary {
  std::string name;
  std::string state;  ///< creating | active | paused | failed | deleting
  std::string engine;
  std::string source;  ///< URL without password
  std::string target;
  std::vector<std::string> tables;
  std::int64_t created_ms = 0;
};

struct DeleteOptions {
  bool drop_topics = false;
  bool drop_tables = false;  ///< the target tables that Millrace made, with their rows
  bool force = false;        ///< forget the pipeline even when something could not be removed
};

/// What delete did.
struct DeleteResult {
  std::vector<std::string> removed;
  std::vector<std::string> kept;  ///< what stays, and why
};

using EngineFactory = std::function<std::unique_ptr<pipeline::Engine>(const pipeline::PipelineSpec&)>;

/// The engine that a spec names.
std::unique_ptr<pipeline::Engine> make_engine(const pipeline::PipelineSpec& spec);

/// Creates, watches, pauses and removes pipelines. Knows no engine by name. Methods throw Error; one that takes a
/// stop token ends with kInterrupted soon after a request, and leaves nothing half-made. Not thread-safe: one per
/// thread; several processes may use one data directory.
class CdcManager {
 public:
  /// Opens (or makes) the store and the key in `data_dir`.
  explicit CdcManager(const std::filesystem::path& data_dir, EngineFactory engines = make_engine);
  ~CdcManager();
  CdcManager(const CdcManager&) = delete;
  CdcManager& operator=(const CdcManager&) = delete;

  /// Connects to all parts, looks, and says what create_pipeline would do. Changes nothing.
  pipeline::PipelinePlan plan(const pipeline::PipelineSpec& spec, const std::stop_token& stop = {});

  /// All or nothing: returns when changes flow, or throws after having removed what it made (the error's notes name
  /// each piece). Throws kPreflightFailed with the findings as notes before anything is made.
  CreateResult create_pipeline(const pipeline::PipelineSpec& spec, const pipeline::Progress& progress = {},
                               const std::stop_token& stop = {});

  std::vector<PipelineSummary> list();
  pipeline::PipelineStatus status(const std::string& name, const std::stop_token& stop = {});
  void pause(const std::string& name, const std::stop_token& stop = {});
  void resume(const std::string& name, const std::stop_token& stop = {});
  void restart(const std::string& name, const std::stop_token& stop = {});
  /// Removes connectors, offsets, slot and publication, and proves that the slot is gone. Repeatable after a failure.
  DeleteResult delete_pipeline(const std::string& name, const DeleteOptions& options,
                               const pipeline::Progress& progress = {}, const std::stop_token& stop = {});

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace millrace::manager
