#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "replication/runner.hpp"
#include "schema/table_name.hpp"

namespace millrace::replication {

/// One column of a row that differs; values as people write them, shortened. Nothing: NULL.
struct ColumnDifference {
  std::string column;  ///< of the source
  std::optional<std::string> source;
  std::optional<std::string> target;
};

enum class RowFault {
  kMissing,   ///< on the source only
  kExtra,     ///< on the target only
  kDifferent  ///< on both, with other values
};

/// "missing", "extra", "different".
const char* to_string(RowFault fault);

/// A row that differs. In a table without key whole rows are compared, and `key` holds all of the row.
struct RowDifference {
  struct Value {
    std::string column;
    std::optional<std::string> value;
  };
  RowFault fault = RowFault::kDifferent;
  std::vector<Value> key;
  std::vector<ColumnDifference> columns;  ///< kDifferent: those that differ
  std::int64_t copies = 1;                ///< how many more there are on one side; more than 1 only without key
  std::string note;                       ///< why a row cannot be carried at all, or empty
};

struct TableVerdict {
  schema::TableName source;
  schema::TableName target;
  bool loaded = true;  ///< false: there is nothing to compare yet
  std::int64_t source_rows = 0;
  std::int64_t target_rows = 0;
  std::int64_t missing = 0;
  std::int64_t extra = 0;
  std::int64_t different = 0;
  std::int64_t still_changing = 0;  ///< rows that changed at every look: neither equal nor different
  std::int64_t repaired = 0;        ///< rows written by --repair; the other numbers are those after it
  double seconds = 0;
  std::vector<RowDifference> rows;           ///< that differ; at most VerifySettings::max_report
  std::vector<RowDifference> repaired_rows;  ///< what differed before the repair; as many at most

  bool equal() const { return loaded && missing == 0 && extra == 0 && different == 0; }
};

/// "equal", "different", "not loaded".
const char* result_word(const TableVerdict& verdict);

struct VerifySettings {
  std::vector<std::string> tables;  ///< names or schema.name of the source; empty: all
  bool repair = false;
  std::size_t max_report = 100;  ///< rows that are named, a table
};

/// What the caller knows and does about the process that moves the pipeline's data.
struct VerifyHooks {
  std::function<void(const std::string&)> progress;  ///< lines for people
  /// Whether a process runs the pipeline: nothing when that is not known here.
  std::function<std::optional<bool>()> runs;
  /// Runs the pipeline in this process until it has caught up; called when nobody else does.
  std::function<void(const std::stop_token&)> catch_up;
};

/// Compares every row of the source with the target, by hashes that both servers agree on. May be called while the
/// pipeline runs: a row counts as different only when the target shows, twice, what the source did not hold at that
/// time (see verify_table.hpp). With `repair` the source's rows are written in transactions that hold the pipeline's
/// checkpoint, and the tables are compared again.
/// Memory is bounded whatever the tables' sizes; rows go by in one scan each, and more only of what seems to differ.
/// Throws Error kTableNotFound for an unknown name, kPipelineState when the target does not know the pipeline,
/// kInterrupted on stop, and as sessions do.
std::vector<TableVerdict> verify_pipeline(const RunPlan& plan, const VerifySettings& settings, const VerifyHooks& hooks,
                                          const std::stop_token& stop);

}  // namespace millrace::replication
