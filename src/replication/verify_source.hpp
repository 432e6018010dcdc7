#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "postgres/copy_reader.hpp"
#include "replication/table_binding.hpp"
#include "replication/verify_suspects.hpp"
#include "support/endpoint.hpp"
#include "support/ids.hpp"

namespace millrace::replication {

/// One row of the source on its way by. The cells live until the sink returns.
struct ScannedRow {
  RowHash hash;
  std::uint64_t version = 0;  ///< of the row's transaction and place: changes with every write of the row
  bool unfit = false;         ///< a value has no place on the target; its cell is NULL
  const std::vector<schema::Cell>& cells;
};

/// Called from several threads, each with its own `worker` number.
using ScanSink = std::function<void(std::size_t worker, const ScannedRow& row)>;
/// Called with the snapshot's text (StreamPosition::snapshot_sql()) before the first row is read.
using SnapshotTaken = std::function<void(const std::string& snapshot)>;

/// Reads a table of the source, encoded as the load encodes it. Memory: one row a worker.
class SourceRows {
 public:
  /// `by_key`: rows may be sought by key (sought_by_key() holds for the table).
  SourceRows(const SourceEndpoint& endpoint, const TableBinding& table, int workers, bool by_key);

  std::size_t workers() const { return workers_; }

  /// One scan of the table under one snapshot by parts, as many at a time as there are workers. `taken` is called as
  /// soon as the snapshot is there: what it marks in the WAL then lies behind all that the scan sees. `versions` fills
  /// ScannedRow::version (0 where a relation has none). Throws as CopyReader does; the first failure ends all workers.
  void scan(bool versions, const SnapshotTaken& taken, const ScanSink& sink, const std::stop_token& stop) const;

  /// The rows of these identities, with versions: by key, one worker, when that can be done; else by a scan.
  void find(const Suspects& wanted, const SnapshotTaken& taken, const ScanSink& sink,
            const std::stop_token& stop) const;

 private:
  std::vector<postgres::TablePart> parts(postgres::Connection& connection, const Suspects* wanted) const;
  void read(const std::vector<postgres::TablePart>& parts, postgres::Connection& owner, bool versions,
            const SnapshotTaken& taken, const ScanSink& sink, const std::stop_token& stop) const;

  SourceEndpoint endpoint_;
  const TableBinding& table_;
  std::size_t workers_;
  bool by_key_;
};

}  // namespace millrace::replication
