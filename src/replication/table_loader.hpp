#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <vector>

#include "pgoutput/messages.hpp"
#include "replication/stage_rows.hpp"
#include "replication/table_binding.hpp"
#include "schema/cell.hpp"
#include "sqlserver/session.hpp"
#include "support/endpoint.hpp"

namespace millrace::replication {

/// Where the loader puts rows: SQL Server's bulk copy, or nowhere for benchmarks. One writer is used by one thread.
class RowWriter {
 public:
  virtual ~RowWriter() = default;
  virtual void write(const std::vector<schema::Cell>& row) = 0;
  /// Makes the rows so far durable.
  virtual void commit() = 0;
  virtual void finish() = 0;
  /// write() is done with a row's long values when it returns, and takes them piece by piece.
  virtual LongValues long_values() const { return LongValues::kWhole; }
};

/// Opens a writer into the table that a load fills.
using RowWriterFactory = std::function<std::unique_ptr<RowWriter>(const TableBinding&, bool alone)>;

/// SQL Server's bulk copy into the target table itself. `alone`: no other writer fills the table at the same time.
/// `opening`: SQL that each writer's connection runs first.
RowWriterFactory bulk_row_writers(const TargetEndpoint& endpoint, std::string opening = {});
/// Takes a row that SQL Server refuses: throws, or returns when it was put aside.
using RowRefused =
    std::function<void(const TableBinding&, const std::vector<schema::Cell>& row, const sqlserver::QueryError&)>;
/// As bulk_row_writers, slower: rows go in small bulk copies of their own, and one that is refused is halved until the
/// row is found that is to blame, which `refused` is told.
RowWriterFactory careful_row_writers(const TargetEndpoint& endpoint, RowRefused refused, std::string opening = {});
/// Counts and forgets.
RowWriterFactory null_row_writers();

struct LoadOptions {
  int workers = 4;
  std::size_t commit_bytes = 32U << 20U;  ///< rows are committed at least this often
  /// Called by workers before rows are made durable; what it throws ends the load. None: nothing is asked.
  std::function<void()> committing = {};
  std::filesystem::path spill_dir = {};  ///< for long rows; empty: the system's temporary directory
};

/// Numbers of a load that is under way. Read by any thread.
struct LoadCounters {
  std::atomic<std::int64_t> rows{0};
  std::atomic<std::int64_t> bytes{0};  ///< of COPY data
};

struct TableLoad {
  std::shared_ptr<const TableBinding> table;
  /// By position of a column: SQL whose text is written in its place.
  std::map<std::size_t, std::string> texts = {};
  std::shared_ptr<LoadCounters> counters = std::make_shared<LoadCounters>();
  /// Called once, by a worker, when the last row of the table is durable.
  std::function<void(std::int64_t rows)> finished;
  /// Called once, by a worker, before its first row: empties the target.
  std::function<void()> prepare;
  /// Called by workers for a row with a value that has no place in its column: throws, or returns when the row was put
  /// aside. None: the error is thrown.
  std::function<void(const pgoutput::Tuple& row, const Error& error)> unfit;
};

/// Copies whole tables under one exported snapshot: workers take ctid ranges one after the other, across tables, so
/// that a single large table keeps all of them busy. Blocks until all is loaded. The first error ends all workers and
/// is thrown; tables that were finished by then stay finished. `stop` ends it with kInterrupted.
void load_tables(const SourceEndpoint& source, const std::string& snapshot, std::vector<TableLoad>& loads,
                 const RowWriterFactory& writers, const LoadOptions& options, const std::stop_token& stop);

}  // namespace millrace::replication
