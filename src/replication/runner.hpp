#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/schema_policies.hpp"
#include "pipeline/server_sessions.hpp"
#include "pipeline/spec.hpp"
#include "replication/run_observer.hpp"
#include "replication/source_monitor.hpp"
#include "schema/type_mapping.hpp"
#include "sqlserver/session.hpp"
#include "support/endpoint.hpp"
#include "support/ids.hpp"
#include "support/shared_ticker.hpp"
#include "support/turns.hpp"

namespace millrace::replication {

using pipeline::SchemaPolicies;
using pipeline::SchemaPolicy;

using pipeline::LoadPolicy;

/// A row that cannot be carried.
enum class PoisonPolicy { kStop, kQuarantine };

/// All that running a pipeline takes; made from a stored pipeline.
struct RunPlan {
  std::string pipeline;
  SourceEndpoint source;
  TargetEndpoint target;
  std::string slot;
  std::string publication;
  std::string capture;                    ///< name of the source's DDL capture; used when it is installed
  std::vector<schema::TablePlan> tables;  ///< for tables that were never loaded; others go by their stored shape
  bool load = true;                       ///< false: the target is loaded already, only changes
  LoadPolicy load_policy = LoadPolicy::kFail;
  bool truncates = true;
  schema::ValuePolicy value_policy = schema::ValuePolicy::kFail;
  SchemaPolicies schema_policy;
  std::string target_schema;              ///< where target tables are whose name nobody chose
  std::set<schema::TableName> own_names;  ///< source tables whose target's name somebody chose
  PoisonPolicy poison = PoisonPolicy::kStop;
  int load_workers = 4;
  std::filesystem::path spill_dir;  ///< for streamed transactions; empty: the system's temporary directory
};

/// Attempts at the same servers that begin: signing in, looking, taking over. Their key is start_key().
using Starts = Turns<std::string>;
std::string start_key(const SourceEndpoint& source, const TargetEndpoint& target);

struct RunOptions {
  /// Ends once every table is loaded and the stream has passed the source's WAL position of the start.
  bool until_caught_up = false;
  /// Whether a published table that is not carried is meant by the pipeline's list of tables. Called by the reading
  /// thread, as the next.
  std::function<bool(const schema::TableName& source)> wants_table = {};
  /// One is, and is to be carried: by a new run, which knows it.
  std::function<void(const schema::TableName& source)> table_came = {};
  /// Shared by the runs of a process; none: the run looks at its source by itself.
  SourceMonitors* monitors = nullptr;
  /// The same, for what the run tells of itself.
  SharedTicker* ticker = nullptr;
  /// The same: each attempt begins in its turn.
  Starts* starts = nullptr;
  /// Shared with others: for what a stream that rests has to ask and to say now and then. None: it keeps sessions of
  /// its own.
  pipeline::TenantSessions* sessions = nullptr;
  /// Without changes for so long the stream rests: it tells less often how far it is.
  std::chrono::milliseconds rest_after{30'000};
  /// Carried tables have other names on the source, before and now, all at once: when it is read, by the reading
  /// thread.
  std::function<void(const std::vector<std::pair<schema::TableName, schema::TableName>>&)> tables_renamed = {};
  /// Renames are on the target and in the state there. Called by the applying thread; the run goes on all the same.
  std::function<void()> renames_applied = {};
  /// What happened to the rows of a carried table is in no stream, and the policies say to follow: it is to be loaded
  /// anew, by a new run. Called by the reading thread; the run ends with kRowsUntold. None: such a change stops it.
  std::function<void(const schema::TableName& source, const std::string& why)> load_anew = {};
  /// The fence that the caller's last run of the pipeline had, 0 before the first; this run keeps it up to date. Who
  /// has one gives way to whoever has taken over since. None: each run takes over from everybody.
  std::int64_t* fence = nullptr;
};

/// Runs the pipeline in the calling thread (and threads of its own that end with it): takes it over from any other
/// process by raising the fence, loads what is not loaded, then streams. Lost connections and busy servers are tried
/// again with growing pauses, each told as an event; so are refused logins, once a minute, unless the run is to end by
/// itself. Returns on `stop` (cleanly: goes on from there at the next run)
/// or when until_caught_up is reached. Throws Error for what needs a person: kFenced, kSlotMissing, kSlotLost,
/// kSourceChanged, kSlotUnfit, kValueUnrepresentable, kTargetRowMissing, kSchemaChanged, ..., and kRowsUntold.
void run_pipeline(const RunPlan& plan, const RunOptions& options, RunObserver& observer, const std::stop_token& stop);

/// Prepares the target for a new pipeline: schema millrace, the checkpoint at `start` (the slot's consistent point),
/// one table state each ("pending", or "ready" for a target that is loaded already). Throws as Session does.
void provision_target(const RunPlan& plan, const std::string& system_identifier, Lsn start);

/// Removes what provision_target and run_pipeline made on the target: states, checkpoint, stages; the schema when it
/// is empty. Safe to repeat.
void unprovision_target(const TargetEndpoint& target, const std::string& pipeline);

/// A table as the target's state tells it.
struct StoredTableState {
  schema::TableName source;
  schema::TableName target;
  std::string state;  ///< pending | copying | ready | failed
  std::optional<Lsn> snapshot_lsn;
  std::int64_t loaded_rows = 0;
};

/// What the target knows of a pipeline; for status.
struct StoredProgress {
  bool known = false;
  Lsn lsn;
  std::int64_t fence = 0;
  std::optional<std::int64_t> commit_ms;   ///< Unix time of the last applied commit
  std::optional<std::int64_t> updated_ms;  ///< Unix time when the checkpoint last moved
  std::vector<StoredTableState> tables;
};
StoredProgress read_progress(const TargetEndpoint& target, const std::string& pipeline);
StoredProgress read_progress(sqlserver::Session& target, const std::string& pipeline);

}  // namespace millrace::replication
