#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "postgres/connection.hpp"
#include "replication/bound_tables.hpp"
#include "replication/change_stream.hpp"
#include "replication/loads_beside.hpp"
#include "replication/run_load.hpp"
#include "replication/run_reporter.hpp"
#include "replication/runner.hpp"
#include "replication/source_catalog.hpp"
#include "sqlserver/session.hpp"
#include "sqlserver/state_tables.hpp"
#include "support/error.hpp"

namespace millrace::replication {

/// The kind that tells that a run stops for a schema change, beside "failed".
inline constexpr const char* kSchemaStopped = "schema.stopped";

/// One try at running a pipeline: take over, look, load, stream. All that it knows of the past is on the target, so a
/// new try after any failure goes on exactly where the target is. Used by one thread, once.
class RunAttempt {
 public:
  /// `fence`: as RunOptions::fence.
  RunAttempt(const RunPlan& plan, const RunOptions& options, RunReporter& reporter, std::optional<Lsn>& until,
             AttemptMemory& memory, std::int64_t& fence);

  /// Returns on stop or when `until` is reached.
  void run(const std::stop_token& stop);

  /// True when changes or rows got through: the next failure is a new one, not the same again.
  bool progressed() const { return outcome_.progressed; }
  /// True when the failure is a refused row that the next attempt will find: the memory was changed for it.
  bool wants_care() const { return outcome_.wants_care; }

 private:
  void take_over();
  /// A process that runs this pipeline may have nothing to say for a while, and holds the slot until it notices.
  void knock(postgres::Connection& source) const;
  void read_checkpoint();
  void check_source(postgres::Connection& source);
  std::optional<Error> look_at_slot(postgres::Connection& source);
  /// `begun` is called when changes are about to come.
  void stream(const std::function<void()>& begun, const std::stop_token& stop);
  void choose_stream_form();
  /// `loading`: for tables that are loaded beside the stream.
  std::unique_ptr<SchemaWatcher> make_watcher(bool loading);
  void read_tables_left();
  /// A load that runs beside the stream: of all tables that are not ready.
  std::unique_ptr<LoadsBeside> loads_beside(RelationMap& relations, const BatchBuilder::Referenced& referenced);
  /// What brings a table that was loaded beside another into its place.
  std::vector<TargetStep> swap_steps(const schema::TableName& source);
  /// The step that marks a table as ready when its load ran beside the stream.
  TargetStep ready_step(const schema::TableName& source, std::int64_t rows);
  void tell(RunEvent::Severity severity, const std::string& kind, const std::string& table, const std::string& message,
            const std::string& lsn = {});

  const RunPlan& plan_;
  const RunOptions& options_;
  RunReporter& reporter_;
  std::optional<Lsn>& until_;
  AttemptMemory& memory_;
  std::int64_t& fence_;
  std::unique_ptr<sqlserver::Session> target_;
  sqlserver::Checkpoint checkpoint_;
  Lsn source_wal_;             ///< written at the last look
  bool slot_is_read_ = false;  ///< at the same
  std::vector<BoundTable> tables_;
  std::shared_ptr<StreamCounters> counters_;  ///< of the stream, once there is one
  std::size_t beside_ = 0;                    ///< tables that are still loaded beside the stream
  AttemptOutcome outcome_;
  CaptureFacts captured_;  ///< what the source tells of schema changes in the stream
  /// Tables that came and were told to be left alone, by this attempt or before.
  std::shared_ptr<std::set<std::string>> tables_left_ = std::make_shared<std::set<std::string>>();
  bool binary_ = false;  ///< the stream sends values in binary form
};

}  // namespace millrace::replication
