#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "pipeline/server_sessions.hpp"
#include "replication/apply_sql.hpp"
#include "replication/batch_sink.hpp"
#include "replication/poison.hpp"
#include "replication/quarantine.hpp"
#include "replication/runner.hpp"
#include "replication/stage_tables.hpp"
#include "sqlserver/session.hpp"
#include "support/endpoint.hpp"
#include "support/error.hpp"

namespace millrace::replication {

/// Who writes: the pipeline and the fence that it was given when it took over.
struct Writer {
  std::string pipeline;
  std::int64_t fence = 0;
};

/// What becomes of rows that SQL Server does not take.
struct Care {
  PoisonPolicy policy = PoisonPolicy::kStop;
  Lsn until;           ///< transactions whose commit record is not behind this are known to hold one
  bool folds = false;  ///< and to have unique values or keys exchange places: see fold_ordered()
};

/// What a sink says its positions on while it has no changes to apply.
struct Resting {
  pipeline::TenantSessions* sessions = nullptr;  ///< none: the sink keeps its own. Must outlive the sink
  std::chrono::milliseconds after{60'000};       ///< since the last changes
};

/// Applies batches to SQL Server: rows by bulk copy into stage tables, which commit by themselves, then everything of
/// the batch and the checkpoint in one transaction. The transaction holds the checkpoint's row from its start, so that
/// a process that takes over waits for it, and sees its end. One statement batch where a batch of changes has one
/// segment. A batch that is refused for a duplicate is tried again with its ordered changes folded (fold_ordered), then
/// transaction by transaction, each by the first way that SQL Server takes (fold_tables); one that is refused for its
/// rows all the same is applied again by CarefulApply. Not thread-safe.
///
/// A sink that had no changes for a while closes its connections, when there are others on which it can record
/// positions: of many pipelines most have nothing else to say. The next changes open its own again.
class SqlSink : public BatchSink {
 public:
  /// Opens its connections when they are needed: that of its transactions for the first changes, that of bulk copies
  /// for the first rows. Stage tables must exist and be empty.
  SqlSink(const TargetEndpoint& endpoint, Writer writer, Care care = {}, Resting resting = {});
  ~SqlSink() override;

  void apply(const Batch& batch) override;

  /// Tells of steps that were committed (truncates, schema changes) and have something to tell.
  std::function<void(const TargetStep&)> on_step;
  /// Tells of a schema change whose statement SQL Server refuses for good, before apply() throws what it said.
  std::function<void(const TargetStep&, const Error&)> on_step_refused;
  /// Tells of rows that were put into quarantine, after the commit.
  std::function<void(const std::vector<PoisonRow>&)> on_quarantined;
  /// Set when apply() threw since a transaction of several pieces was refused for a row: a new sink has to begin with
  /// this.
  const std::optional<Care>& care_wanted() const { return care_wanted_; }

 private:
  template <typename Each>
  void stage(const Table& table, const Each& each);
  sqlserver::Session& session();
  bool recorded_at_rest(const Batch& batch);
  enum class Outcome { kDone, kRefused, kDuplicate };
  Outcome try_sets(const Batch& batch);
  void apply_sets(const Batch& batch);
  void apply_carefully(const Batch& batch);
  void want_care(const Batch& batch, bool folds);
  bool wants_care(const Batch& batch);
  bool touches_quarantine(const Batch& batch);
  void forget();
  bool applied_by_transaction(const Batch& batch);
  bool applied_unit(const Batch& batch, const Segment& unit, const std::vector<Table>& parents_first);
  bool tried_behind_savepoint(const Batch& batch, std::span<const Segment> segments);
  void add_segment(const Batch& batch, const Segment& segment);
  void commit_carefully(const Batch& batch);
  void run_steps(const Segment& segment);
  void add(const Sql& sql);
  void flush();
  void open_transaction(const char* xact_abort);
  static std::set<schema::TableName> stages_of(const Batch& batch);
  Sql end_sql(const Batch& batch) const;
  void committed(const Batch& batch);

  TargetEndpoint endpoint_;
  Writer writer_;
  Care care_;
  Resting resting_;
  std::optional<sqlserver::Session> session_;  ///< none: not needed yet, or closed while nothing was to be applied
  std::optional<std::chrono::steady_clock::time_point> last_changes_;
  StageTables stages_;
  Quarantine quarantine_;
  Sql script_;
  std::vector<TargetStep> steps_;      ///< done in the transaction that is open
  std::optional<TargetStep> refused_;  ///< the step that tells of the change whose statement failed
  std::vector<PoisonRow> aside_;       ///< same
  bool in_transaction_ = false;
  bool careful_piece_ = false;  ///< the open transaction's earlier pieces were applied behind savepoints
  bool piece_folds_ = false;    ///< and transaction by transaction, see applied_by_transaction()
  std::optional<Care> care_wanted_;
};

}  // namespace millrace::replication
