#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <stop_token>
#include <string>
#include <vector>

#include "manager/run_watch.hpp"
#include "manager/workspace.hpp"
#include "pipeline/engine.hpp"
#include "pipeline/plan.hpp"
#include "pipeline/server_sessions.hpp"
#include "pipeline/spec.hpp"
#include "pipeline/status.hpp"
#include "replication/quarantine_retry.hpp"
#include "replication/run_observer.hpp"
#include "replication/runner.hpp"
#include "replication/source_monitor.hpp"
#include "replication/verify.hpp"
#include "support/shared_ticker.hpp"

namespace millrace::manager {

/// What create_pipeline answers.
struct CreateResult {
  std::string pipeline_id;
  std::string debezium_connector_name;
  std::string sink_connector_name;
  std::vector<std::string> kafka_topics;
  std::string status;            ///< "active"
  bool runs_in_process = false;  ///< `millrace run` moves the data; otherwise it flows already
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

/// How a run is meant.
struct RunRequest {
  bool until_caught_up = false;  ///< ends once the load is done and the stream has passed the source's LSN of the start
  RunWatch* watch = nullptr;     ///< shared by the runs of a process; none: the run has one of its own
  replication::SourceMonitors* monitors = nullptr;  ///< the same
  SharedTicker* ticker = nullptr;                   ///< the same
  replication::Starts* starts = nullptr;            ///< the same
  pipeline::ServerSessions* sessions = nullptr;     ///< the same, and with answers of `status`
};

/// Why a run ended.
enum class RunEnd { kStopped, kCaughtUp, kPaused, kDeleted };

/// What add_tables, remove_tables and reload_table did.
struct TableChangeResult {
  std::vector<std::string> tables;  ///< schema.table of the source
  std::vector<std::string> kept;    ///< what stays, and why
  preflight::Findings warnings;
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
  /// The pipelines of one tenant of a store that is open already: cheap to make.
  explicit CdcManager(Workspace workspace, EngineFactory engines = make_engine);
  ~CdcManager();
  CdcManager(const CdcManager&) = delete;
  CdcManager& operator=(const CdcManager&) = delete;

  /// Connects to all parts, looks, and says what create_pipeline would do. Changes nothing.
  pipeline::PipelinePlan plan(const pipeline::PipelineSpec& spec, const std::stop_token& stop = {});

  /// All or nothing: returns when changes flow, or throws after having removed what it made (the error's notes name
  /// each piece). Throws kPreflightFailed with the findings as notes before anything is made.
  CreateResult create_pipeline(const pipeline::PipelineSpec& spec, const pipeline::Progress& progress = {},
                               const std::stop_token& stop = {});

  /// What is generated for a pipeline as it is now: its connectors' configs, with secrets as they are deployed. Asks
  /// source and Kafka Connect for an engine that has any.
  pipeline::PipelinePlan generated(const std::string& name, const std::stop_token& stop = {});
  /// Changes what may change while it lives (manager/change_settings.hpp); whoever runs it follows within seconds.
  /// `revision`: of the pipeline that the change is meant for. Throws Error kObjectChanged, kUsage, kSecretMissing, and
  /// what a server that is named anew answers.
  void change_settings(const std::string& name, const nlohmann::json& patch, std::int64_t revision,
                       const std::stop_token& stop = {});

  std::vector<PipelineSummary> list();
  /// `sessions`: shared by the answers of a process, each of which uses what the one before left. Without any the
  /// servers are dialled for this answer alone.
  pipeline::PipelineStatus status(const std::string& name, pipeline::ServerSessions& sessions,
                                  const std::stop_token& stop = {});
  pipeline::PipelineStatus status(const std::string& name, const std::stop_token& stop = {});
  void pause(const std::string& name, const std::stop_token& stop = {});
  void resume(const std::string& name, const std::stop_token& stop = {});
  void restart(const std::string& name, const std::stop_token& stop = {});
  /// Stores new passwords once the servers have taken them; an empty one stays as it is. A process that runs the
  /// pipeline follows within seconds, connectors get them at once. Throws Error kSourceAuth or kTargetAuth, with
  /// nothing stored; kUsage for a side that comes from a saved connection (manager/connection_book.hpp).
  void set_passwords(const std::string& name, const Secret& source, const Secret& target,
                     const std::stop_token& stop = {});
  /// The sides that come from the saved connection `id` take host, port, user, password and encryption of `saved`: as
  /// set_passwords does when the password alone is new, else as change_settings does.
  void follow_connection(const std::string& name, const std::string& id, const pipeline::PipelineSpec& saved,
                         const std::stop_token& stop = {});
  /// The one pipeline that `run` and its like mean when no name is given. Throws Error kUsage when there is none, or
  /// more than one.
  std::string only_runnable();
  /// Moves the data of a pipeline whose engine runs in this process: loads what is not loaded, then streams, until
  /// `stop`, or until it is paused or deleted. Follows changes of the pipeline while it runs. Throws Error
  /// kPipelineState when it cannot run, else what needs a person; the error is shown by `status`.
  RunEnd run(const std::string& name, const RunRequest& request, replication::RunObserver& observer,
             const std::stop_token& stop = {});

  /// Changes to a live pipeline; its other tables go on untouched, and a process that runs it follows within seconds.
  /// add_tables is all or nothing. `tables` as in a spec; `mapping` has options for them.
  TableChangeResult add_tables(const std::string& name, const std::vector<std::string>& tables,
                               const std::map<schema::TableName, schema::TableOptions>& mapping,
                               const pipeline::Progress& progress = {}, const std::stop_token& stop = {});
  TableChangeResult remove_tables(const std::string& name, const std::vector<std::string>& tables, bool drop_tables,
                                  const pipeline::Progress& progress = {}, const std::stop_token& stop = {});
  /// Empties the copy of one table and loads it anew; makes the target table anew when it is Millrace's and does not
  /// fit the source any more.
  TableChangeResult reload_table(const std::string& name, const std::string& table,
                                 const pipeline::Progress& progress = {}, const std::stop_token& stop = {});

  /// Compares every row of the source with the copy, while the pipeline runs or (after catching up here) while nobody
  /// runs it; with settings.repair writes the source's rows. Throws Error kPipelineState for an engine that does not
  /// run in this process, else as replication::verify_pipeline and run() do.
  std::vector<replication::TableVerdict> verify(const std::string& name, const replication::VerifySettings& settings,
                                                const pipeline::Progress& progress = {},
                                                const std::stop_token& stop = {});

  /// Rows that SQL Server did not take (millrace.quarantine): which there are; marked as seen to; read again from the
  /// source and written, while the pipeline runs or (after catching up here) while nobody runs it. Throw as the
  /// functions of replication/quarantine_entries.hpp and quarantine_retry.hpp do.
  std::vector<replication::QuarantineEntry> quarantined(const std::string& name,
                                                        const replication::QuarantineFilter& filter);
  std::int64_t discard_quarantined(const std::string& name, const replication::QuarantineFilter& filter);
  std::vector<replication::RetriedRow> retry_quarantined(const std::string& name,
                                                         const replication::QuarantineFilter& filter,
                                                         const pipeline::Progress& progress = {},
                                                         const std::stop_token& stop = {});

  /// Removes connectors, offsets, slot and publication, and proves that the slot is gone. Repeatable after a failure.
  DeleteResult delete_pipeline(const std::string& name, const DeleteOptions& options,
                               const pipeline::Progress& progress = {}, const std::stop_token& stop = {});

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace millrace::manager
