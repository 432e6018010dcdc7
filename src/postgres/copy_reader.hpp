#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "postgres/connection.hpp"
#include "schema/table_name.hpp"

namespace millrace::postgres {

/// Blocks [first, end) of a table's heap; no end: up to the last block, also those added later.
struct BlockRange {
  std::uint32_t first = 0;
  std::optional<std::uint32_t> end;
};

/// Splits a table's heap (or each leaf of a partitioned one) into about `parts` ranges of at least `min_blocks` blocks.
/// One open-ended range where ctid ranges do not help (PostgreSQL < 14, foreign tables, views).
struct TablePart {
  schema::TableName relation;  ///< the table, or a leaf of it
  BlockRange blocks;
  bool whole = false;  ///< no ctid condition
};
std::vector<TablePart> split_table(Connection& connection, const schema::TableName& table, int parts,
                                   std::uint32_t min_blocks = 1024);

/// COPY (SELECT ..) TO STDOUT (FORMAT binary) of one part under an exported snapshot. The connection is given over to
/// it: REPEATABLE READ READ ONLY, SET TRANSACTION SNAPSHOT. Not thread-safe.
class CopyReader {
 public:
  /// `expressions`: the select list, quoted SQL. `snapshot` empty: the transaction's own. Throws Error
  /// kSnapshotGone when the snapshot's owner has ended, QueryError else.
  CopyReader(Connection& connection, const TablePart& part, const std::vector<std::string>& expressions,
             const std::string& snapshot, bool only_this_relation = true);
  ~CopyReader();
  CopyReader(const CopyReader&) = delete;
  CopyReader& operator=(const CopyReader&) = delete;

  /// The next piece of the COPY stream; lives until the next call. Nothing: the end was reached and the server said
  /// that all went well. Throws QueryError, kSourceUnreachable, kInterrupted on stop.
  std::optional<std::string_view> next(const std::stop_token& stop);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace millrace::postgres
