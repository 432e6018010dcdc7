#pragma once

#include <cstdint>
#include <stop_token>
#include <string>

#include "replication/net_changes.hpp"
#include "replication/verify_table.hpp"
#include "sqlserver/bulk_writer.hpp"
#include "sqlserver/session.hpp"

namespace millrace::replication {

/// Writes the source's rows over those of the target that differ.
///
/// Each piece is one transaction on the target that first takes the checkpoint's row, without changing the fence: a
/// process that runs the pipeline is not thrown out, its next batch waits until the piece is committed. The checkpoint
/// C stands still meanwhile. Then the source's rows are read again, and only those are written that are still the same
/// versions as at the look before, whose place in the WAL C has passed. They were the same all the time between, so
/// also at C: writing them makes the target what the stream expects at C, and every change that comes later finds the
/// row that it was made on. Rows that changed meanwhile are left to the stream and the next comparison.
class TableRepair {
 public:
  /// Only one at a time a pipeline; throws Error kPipelineState when there is another. Makes a stage table in schema
  /// millrace, and drops it at the end.
  TableRepair(const RunPlan& plan, const TableBinding& table, const SourceRows& source, bool by_key);
  ~TableRepair();
  TableRepair(const TableRepair&) = delete;
  TableRepair& operator=(const TableRepair&) = delete;

  /// How many rows were written or removed.
  std::int64_t repair(const Suspects& different, const std::stop_token& stop);

 private:
  std::int64_t repair_patiently(const Suspects& piece, const std::stop_token& stop);
  std::int64_t repair_piece(const Suspects& piece, const std::stop_token& stop);

  const RunPlan& plan_;
  const TableBinding& table_;
  const SourceRows& source_;
  bool by_key_;
  sqlserver::Session session_;
  sqlserver::BulkSession bulk_;
};

/// The rows of a stage that make the target's rows the source's.
struct RepairRow {
  NetOp op = NetOp::kInsert;
  const WholeRow* row = nullptr;  ///< what is written; for kDelete what is removed
};
/// For one identity. With a key: an UPDATE, or DELETE and INSERT when the target has more than one row of it; without:
/// as many DELETEs or INSERTs as one side has more rows.
std::vector<RepairRow> plan_repair(bool keyless, const std::vector<const WholeRow*>& source,
                                   const std::vector<const WholeRow*>& target);

}  // namespace millrace::replication
