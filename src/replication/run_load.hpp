#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <vector>

#include "replication/apply_sql.hpp"
#include "replication/bound_tables.hpp"
#include "replication/run_reporter.hpp"
#include "replication/runner.hpp"
#include "replication/table_catalog.hpp"
#include "replication/table_loader.hpp"
#include "sqlserver/session.hpp"
#include "support/error.hpp"
#include "support/ids.hpp"

namespace millrace::replication {

/// What earlier attempts of this run have learned.
struct AttemptMemory {
  Lsn stream_until;           ///< transactions whose commit record is not behind this hold a row that is refused
  bool stream_folds = false;  ///< since unique values or keys exchange places in one of them
  bool load = false;          ///< a table that is loaded holds one
};

/// How far an attempt got; written by the threads of load and stream.
struct AttemptOutcome {
  std::atomic<bool> progressed{false};
  std::atomic<bool> wants_care{false};  ///< the failure is a refused row that the next attempt will find
};

/// The detail of a table's state while a load writes into the target table itself: what it holds is half a load, and
/// nobody's rows. Without it a table that is copying is still what it was before.
inline constexpr const char* kHalfLoaded = "half_loaded";

/// The load of an attempt: copies all tables that are not ready under one snapshot that it makes. Used by one thread,
/// once; in an attempt with a stream beside it that is not the stream's. All that it writes into schema millrace is
/// fenced.
class RunLoad {
 public:
  /// `target`: used by nobody else while run() is under way, but for cancel(). The references must outlive the load.
  RunLoad(const RunPlan& plan, RunReporter& reporter, sqlserver::Session& target, std::int64_t fence,
          std::vector<BoundTable>& tables, AttemptMemory& memory, AttemptOutcome& outcome);

  /// What follows when a table's rows are on the target; called by workers.
  using Loaded = std::function<void(BoundTable& table, std::int64_t rows)>;
  /// Blocks until all is copied. Throws Error kSnapshotGone when a table was rewritten or emptied between the snapshot
  /// and its copy (a new attempt makes a new one), kSchemaChanged when it does not fit its plan any more, kTargetDrift
  /// for rows in a target table under policy fail, kFenced, what a poison row's policy says, and as sessions do.
  void run(const Loaded& loaded, const std::stop_token& stop);
  /// Marks a table as ready: for loads that no stream runs beside.
  void finish_table(BoundTable& table, std::int64_t rows);

 private:
  void prepare_table(BoundTable& table, Lsn snapshot_lsn);
  void copy(std::vector<TableLoad>& loads, const std::string& snapshot, const std::stop_token& stop);
  std::int64_t refused_rows(const TableBinding& table);
  /// A row that cannot be written: by the policy throws, or puts it into quarantine.
  void set_aside(const TableBinding& table, std::string key_text, std::string row_json, const Error& error);
  void save(BoundTable& table, const std::string& state);
  void swap(BoundTable& table);
  std::string load_lock() const;
  std::string writer_opening() const;
  /// Until the writers of whoever ran the pipeline before are gone.
  void wait_for_predecessor();
  void require_fence();
  Error fenced_off() const;
  /// In one transaction with a look at the fence.
  void execute_fenced(const Sql& sql);
  void tell(RunEvent::Severity severity, const std::string& kind, const std::string& table, const std::string& message);

  const RunPlan& plan_;
  RunReporter& reporter_;
  std::mutex target_mutex_;  ///< the session below is used by all workers
  sqlserver::Session& target_;
  std::int64_t fence_;
  std::vector<BoundTable>& tables_;
  AttemptMemory& memory_;
  AttemptOutcome& outcome_;
  std::unique_ptr<TableCatalog> catalog_;                ///< for the tables' files
  bool rewrites_seen_ = false;                           ///< by their files: no event trigger tells of them
  std::map<const TableBinding*, std::int64_t> refused_;  ///< rows that were sent and put aside
};

}  // namespace millrace::replication
