#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "replication/apply_sql.hpp"
#include "replication/batch_sink.hpp"
#include "replication/stage_rows.hpp"
#include "sqlserver/bulk_writer.hpp"
#include "sqlserver/session.hpp"
#include "support/endpoint.hpp"

namespace millrace::replication {

/// Who writes: the pipeline and the fence that it was given when it took over.
struct Writer {
  std::string pipeline;
  std::int64_t fence = 0;
};

/// Applies batches to SQL Server: rows by bulk copy into stage tables, which commit by themselves, then everything of
/// the batch and the checkpoint in one transaction. The transaction holds the checkpoint's row from its start, so that
/// a process that takes over waits for it, and sees its end. One statement batch where a batch of changes has one
/// segment. Not thread-safe.
class SqlSink : public BatchSink {
 public:
  /// Opens both connections. Stage tables must exist and be empty.
  SqlSink(const TargetEndpoint& endpoint, Writer writer);
  ~SqlSink() override;

  void apply(const Batch& batch) override;

  /// Tells of steps that were committed (truncates, schema changes): their summaries.
  std::function<void(const std::string&)> on_step;

  /// Ends a statement that runs, from another thread: apply() throws kInterrupted.
  void cancel();

 private:
  void stage_net(const TableChanges& part);
  void stage_ordered(const Segment& segment, const Batch& batch);
  void add_net_statements(const TableChanges& part);
  void add_ordered_run(const Table& table, NetOp op, SeqRange range);
  void expect_stage(const TableBinding& table, std::int64_t rows);
  void add(const Sql& sql);
  void flush();
  void open_transaction();
  void empty_stage(const TableBinding& table);

  Writer writer_;
  sqlserver::Session session_;
  sqlserver::BulkSession bulk_;
  struct Staging {
    Table table;  ///< keeps the binding that `rows` refers to
    std::unique_ptr<StageRows> rows;
  };
  StageRows& rows_of(const Table& table);

  std::map<const TableBinding*, Staging> staging_;
  std::map<schema::TableName, bool> dirty_;  ///< stages that hold rows
  Sql script_;
  std::vector<std::string> after_;  ///< of steps whose transaction is open
  bool in_transaction_ = false;
  std::int64_t stage_batch_ = 0;
};

}  // namespace millrace::replication
