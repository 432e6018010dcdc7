#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <stop_token>
#include <string>
#include <vector>

#include "cli/server_contexts.hpp"
#include "manager/cdc_manager.hpp"

namespace millrace::cli {

/// A pipeline as somebody described it, and as it is now.
struct PipelineSettings {
  pipeline::PipelineSpec spec;  ///< without secrets; `name` is set, `tables` are those that it has, as schema.table
  std::string state;            ///< creating | active | paused | failed | deleting
  std::int64_t revision = 0;    ///< for change_settings
};

/// Which events are meant.
struct EventFilter {
  std::string pipeline;  ///< empty: all
  std::string kind;      ///< a kind, or a family of kinds: "run" is also "run.failed"
  std::string severity;  ///< info | warning | error
  std::size_t most = 0;  ///< 0: all
};

/// What the verbs ask for, whoever does it: the data directory, or a server. Answers and Errors are the same, and so
/// are what the verbs print and their exit codes. Methods throw as those of CdcManager do; through a server also Error
/// kServerUnreachable, kUnauthenticated and kForbidden. Not thread-safe.
class PipelineService {
 public:
  virtual ~PipelineService() = default;

  virtual manager::CreateResult create(const pipeline::PipelineSpec& spec, const pipeline::Progress& progress,
                                       const std::stop_token& stop) = 0;
  /// The document of pipeline/answers_json.hpp.
  virtual nlohmann::ordered_json plan(const pipeline::PipelineSpec& spec, const std::stop_token& stop) = 0;

  virtual std::vector<manager::PipelineSummary> list(const std::stop_token& stop) = 0;
  virtual pipeline::PipelineStatus status(const std::string& name, const std::stop_token& stop) = 0;
  virtual PipelineSettings settings(const std::string& name, const std::stop_token& stop) = 0;
  /// Newest first, as the API has them, without ids.
  virtual std::vector<nlohmann::ordered_json> events(const EventFilter& filter, const std::stop_token& stop) = 0;

  virtual void pause(const std::string& name, const std::stop_token& stop) = 0;
  virtual void resume(const std::string& name, const std::stop_token& stop) = 0;
  virtual void restart(const std::string& name, const std::stop_token& stop) = 0;
  /// An empty password stays as it is.
  virtual void set_passwords(const std::string& name, const Secret& source, const Secret& target,
                             const std::stop_token& stop) = 0;
  /// `patch` as manager/change_settings.hpp has it.
  virtual void change_settings(const std::string& name, const nlohmann::json& patch, std::int64_t revision,
                               const std::stop_token& stop) = 0;

  virtual manager::TableChangeResult add_tables(const std::string& name, const std::vector<std::string>& tables,
                                                const std::map<schema::TableName, schema::TableOptions>& mapping,
                                                const pipeline::Progress& progress, const std::stop_token& stop) = 0;
  virtual manager::TableChangeResult remove_tables(const std::string& name, const std::vector<std::string>& tables,
                                                   bool drop_tables, const pipeline::Progress& progress,
                                                   const std::stop_token& stop) = 0;
  virtual manager::TableChangeResult reload_table(const std::string& name, const std::string& table,
                                                  const pipeline::Progress& progress, const std::stop_token& stop) = 0;

  /// The one pipeline that verify means when none is named. Throws Error kUsage when there is none, or more than one.
  virtual std::string only_pipeline(const std::stop_token& stop) = 0;
  virtual std::vector<replication::TableVerdict> verify(const std::string& name,
                                                        const replication::VerifySettings& settings,
                                                        const pipeline::Progress& progress,
                                                        const std::stop_token& stop) = 0;
  virtual std::vector<replication::QuarantineEntry> quarantined(const std::string& name,
                                                                const replication::QuarantineFilter& filter,
                                                                const std::stop_token& stop) = 0;
  /// A filter without tables and ids means every row of the pipeline.
  virtual std::int64_t discard_quarantined(const std::string& name, const replication::QuarantineFilter& filter,
                                           const std::stop_token& stop) = 0;
  virtual std::vector<replication::RetriedRow> retry_quarantined(const std::string& name,
                                                                 const replication::QuarantineFilter& filter,
                                                                 const pipeline::Progress& progress,
                                                                 const std::stop_token& stop) = 0;

  virtual manager::DeleteResult remove(const std::string& name, const manager::DeleteOptions& options,
                                       const pipeline::Progress& progress, const std::stop_token& stop) = 0;
};

/// Throws as manager::open_workspace does.
std::unique_ptr<PipelineService> local_pipelines(const std::string& data_dir);
/// Asks nothing yet. Throws as the constructor of ServerClient does.
std::unique_ptr<PipelineService> remote_pipelines(const ServerContext& server);

}  // namespace millrace::cli
