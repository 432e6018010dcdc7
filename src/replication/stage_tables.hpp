#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "replication/apply_sql.hpp"
#include "replication/batch.hpp"
#include "replication/stage_rows.hpp"
#include "sqlserver/bulk_writer.hpp"
#include "support/endpoint.hpp"

namespace millrace::replication {

/// The stage tables of a pipeline and the bulk connection that fills them; what it does commits by itself, so that a
/// stage may hold rows of a batch that was never applied. Stage tables must exist, and be empty at first.
/// Not thread-safe.
class StageTables {
 public:
  /// `first`: batch numbers begin behind it; no other process' numbers may be among them.
  StageTables(const TargetEndpoint& endpoint, std::int64_t first) : endpoint_(endpoint), batch_(first) {}

  void next_batch() { ++batch_; }
  std::int64_t batch() const { return batch_; }

  /// The encoder of a table's rows, with the masks of what it encoded since the last open().
  StageRows& rows_of(const Table& table);
  /// Begins to fill the table's stage, emptied before; forgets its masks.
  std::unique_ptr<sqlserver::BulkWriter> open(const Table& table);
  /// Ends the statement batch unless the stage holds exactly `rows` rows, all of this batch: another process that has
  /// lost its fence may have written into it too.
  Sql expect_sql(const TableBinding& table, std::int64_t rows) const;
  /// The stage was emptied by the transaction that was committed.
  void emptied(const schema::TableName& stage) { dirty_[stage] = false; }

  /// Closes the bulk connection, until it is needed again.
  void close() { bulk_.reset(); }

  /// A statement on the bulk connection.
  void execute(const std::string& sql) { bulk().execute(sql); }

 private:
  struct Staging {
    Table table;  ///< keeps the binding that `rows` refers to
    std::unique_ptr<StageRows> rows;
  };

  /// Opened when it is first used: of many pipelines most may have nothing to write for days.
  sqlserver::BulkSession& bulk();

  TargetEndpoint endpoint_;
  std::unique_ptr<sqlserver::BulkSession> bulk_;
  std::int64_t batch_;
  std::map<const TableBinding*, Staging> staging_;
  std::map<schema::TableName, bool> dirty_;  ///< stages that hold rows
};

/// The number of expect_sql's THROW.
inline constexpr int kStageDiffers = 51011;

}  // namespace millrace::replication
