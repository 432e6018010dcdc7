#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "replication/apply_sql.hpp"
#include "replication/batch.hpp"
#include "replication/poison.hpp"
#include "replication/quarantine.hpp"
#include "replication/runner.hpp"
#include "replication/segment_rows.hpp"
#include "replication/stage_tables.hpp"
#include "sqlserver/session.hpp"

namespace millrace::replication {

/// Applies a batch that failed, statement by statement behind savepoints, and halves what a refused statement touches
/// until the one change is found that SQL Server does not take. By the policy that change ends the batch with an error
/// that names it, or goes into millrace.quarantine in the same transaction while all others are applied.
///
/// The transaction is the caller's, open on `session` under XACT_ABORT OFF. One object serves one batch; what it has
/// found out is kept when the transaction must begin anew. Not thread-safe.
///
/// A change whose row is not on the target is taken for a change of a quarantined row, and quarantined itself, when
/// the quarantine holds a change of the same table and key (in tables without key: of an equal row). So is an update
/// of such a row that does not carry every column: what the row's other columns hold on the target may be old.
class CarefulApply {
 public:
  /// `piece`: earlier pieces of the transaction are applied already, so that it cannot begin anew.
  CarefulApply(sqlserver::Session& session, StageTables& stages, Quarantine& quarantine, PoisonPolicy policy,
               bool piece)
      : session_(session), stages_(stages), quarantine_(quarantine), policy_(policy), piece_(piece) {}

  /// The refusal has ended the transaction, or doomed it (a conversion, an error in a trigger): roll back, begin it
  /// again, and call segment() again for every segment of the batch. Not thrown for a piece, where the error that names
  /// the row is.
  struct BeginAnew {
    std::string reason;
  };

  /// Stages and applies the rows of the batch's segment of this number. Throws BeginAnew, the error that names the
  /// poison row (stop), Error kTargetRowMissing, and what the session throws.
  void segment(const Batch& batch, const Segment& segment, std::size_t number);

  /// The INSERTs of the rows that were set aside, once all segments are applied.
  std::vector<Sql> records() const;
  const std::vector<PoisonRow>& found() const { return found_; }

 private:
  struct Row {
    std::int64_t seq = 0;
    NetOp op = NetOp::kInsert;
    bool partial = false;  ///< some columns were not sent
    bool aside = false;    ///< in quarantine
    std::string old_name;  ///< how the quarantine knows the row before the change, see Quarantine
  };
  enum class Statement : std::uint8_t { kDelete, kDeleteWhole, kUpdate, kUpdateAll, kInsert };
  /// The rows of one table in one segment, and how to get at them again.
  struct Part {
    Table table;
    std::function<void(const StageRowVisit&)> each;
    std::vector<Row> rows;
  };
  using RowKey = std::tuple<std::size_t, const TableBinding*, std::int64_t>;
  using RangeKey = std::tuple<std::size_t, const TableBinding*, Statement, NetOp, std::int64_t, std::int64_t>;

  void stage(Part& part);
  bool fill(Part& part, const std::set<std::int64_t>* only);
  void find_unstageable(Part& part, const std::vector<std::int64_t>& seqs);
  void run(Part& part, Statement statement, const std::vector<NetOp>& ops, SeqRange range);
  void run_rows(Part& part, Statement statement, const std::vector<NetOp>& ops, const std::vector<std::size_t>& rows);
  [[noreturn]] void blame(const Part& part, Statement statement, const std::vector<NetOp>& ops,
                          std::vector<std::size_t> rows, const sqlserver::QueryError& error);
  void execute(const Part& part, Statement statement, const std::vector<NetOp>& ops, SeqRange range, std::int64_t rows);
  void refused(Part& part, Row& row, const sqlserver::QueryError& error, bool goes_on);
  void set_aside(Part& part, Row& row, const Error& cause, PoisonRow poison);
  PoisonRow describe(const Part& part, const Row& row, const std::string& reason) const;
  PoisonRow describe(const Part& part, const Row& row, const NetChange& change, std::string reason) const;
  bool roll_back();

  sqlserver::Session& session_;
  StageTables& stages_;
  Quarantine& quarantine_;
  PoisonPolicy policy_;
  bool piece_;
  const Batch* batch_ = nullptr;
  std::size_t segment_ = 0;
  std::vector<PoisonRow> found_;
  std::set<RowKey> aside_;     ///< of found_
  std::set<RangeKey> failed_;  ///< statements that are known to fail as a whole
};

}  // namespace millrace::replication
