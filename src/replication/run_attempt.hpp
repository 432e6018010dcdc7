#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "replication/bound_tables.hpp"
#include "replication/change_stream.hpp"
#include "replication/loads_beside.hpp"
#include "replication/poison.hpp"
#include "replication/run_reporter.hpp"
#include "replication/runner.hpp"
#include "replication/table_loader.hpp"
#include "sqlserver/session.hpp"
#include "sqlserver/state_tables.hpp"

namespace millrace::replication {

/// What earlier attempts have learned of rows that the target does not take.
struct CareMemory {
  Lsn stream_until;   ///< transactions whose commit record is not behind this hold one
  bool load = false;  ///< a table that is loaded holds one
};

/// One try at running a pipeline: take over, look, load, stream. All that it knows of the past is on the target, so a
/// new try after any failure goes on exactly where the target is. Used by one thread, once.
class RunAttempt {
 public:
  RunAttempt(const RunPlan& plan, const RunOptions& options, RunReporter& reporter, std::optional<Lsn>& until,
             CareMemory& care);

  /// Returns on stop or when `until` is reached.
  void run(const std::stop_token& stop);

  /// True when changes or rows got through: the next failure is a new one, not the same again.
  bool progressed() const { return progressed_; }
  /// True when the failure is a refused row that the next attempt will find: the memory was changed for it.
  bool wants_care() const { return wants_care_; }

 private:
  void take_over();
  void check_source();
  /// What follows when a table's rows are on the target.
  using Loaded = std::function<void(BoundTable& table, std::int64_t rows)>;
  void load(const Loaded& loaded, const std::stop_token& stop);
  void stream(const std::stop_token& stop);
  void choose_stream_form();
  std::unique_ptr<SchemaWatcher> make_watcher();
  void prepare_table(BoundTable& table, Lsn snapshot_lsn);
  void finish_table(BoundTable& table, std::int64_t rows);
  /// A load that runs beside the stream: of all tables that are not ready.
  std::unique_ptr<LoadsBeside> loads_beside(RelationMap& relations, const BatchBuilder::Referenced& referenced);
  /// The step that marks a table as ready when its load ran beside the stream.
  TargetStep ready_step(const schema::TableName& source, std::int64_t rows);
  void copy(std::vector<TableLoad>& loads, const std::string& snapshot, const std::stop_token& stop);
  /// A row of a load that cannot be written: by the policy throws, or puts it into quarantine.
  void refuse_changed(const std::vector<TableLoad>& loads) const;
  std::int64_t refused_rows(const TableBinding& table);
  void set_aside(const TableBinding& table, std::string key_text, std::string row_json, const Error& error);
  void tell_quarantined(const std::vector<PoisonRow>& rows);
  void save(BoundTable& table, const std::string& state);
  void tell(RunEvent::Severity severity, const std::string& kind, const std::string& table, const std::string& message,
            const std::string& lsn = {});

  const RunPlan& plan_;
  const RunOptions& options_;
  RunReporter& reporter_;
  std::optional<Lsn>& until_;
  CareMemory& care_;
  std::mutex target_mutex_;  ///< the session below is used by load workers too
  std::unique_ptr<sqlserver::Session> target_;
  sqlserver::Checkpoint checkpoint_;
  std::vector<BoundTable> tables_;
  std::size_t beside_ = 0;                               ///< tables that are still loaded beside the stream
  std::map<const TableBinding*, std::int64_t> refused_;  ///< rows of loads that were sent and put aside
  std::atomic<bool> progressed_{false};
  bool wants_care_ = false;
  bool captured_ = false;  ///< the source tells of schema changes in the stream
  bool binary_ = false;    ///< the stream sends values in binary form
};

}  // namespace millrace::replication
