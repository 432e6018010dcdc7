#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "postgres/connection.hpp"
#include "schema/table_name.hpp"
#include "support/mapped_bytes.hpp"

namespace millrace::postgres {

/// Blocks [first, end) of a table's heap; no end: up to the last block, also those added later.
struct BlockRange {
  std::uint32_t first = 0;
  std::optional<std::uint32_t> end;
};

/// A piece of a table that one COPY reads.
struct TablePart {
  schema::TableName relation;  ///< the table, or a leaf of it
  BlockRange blocks;
  bool whole = false;      ///< no ctid condition
  std::string where = {};  ///< SQL: a further condition on the rows; empty: none
};

/// Splits a table's heap (or each leaf of a partitioned one, in the order of their names) into about `parts` ranges of
/// at least `min_blocks` blocks, which together cover each relation whole: the last range of each is open-ended. Tables
/// that inherit from this one are not part of it. Relations without useful ctid ranges (PostgreSQL before 14, foreign
/// tables, other access methods than heap) are one part. Throws Error kTableNotFound.
std::vector<TablePart> split_table(Connection& connection, const schema::TableName& table, int parts,
                                   std::uint32_t min_blocks = 1024);

/// The statement: for plans and tests. `only_this_relation` leaves out partitions and inheritance children.
std::string copy_sql(const TablePart& part, const std::vector<std::string>& expressions,
                     bool only_this_relation = true);

/// COPY (SELECT ..) TO STDOUT (FORMAT binary) of one part under an exported snapshot, in a transaction of its own:
/// REPEATABLE READ READ ONLY, SET TRANSACTION SNAPSHOT. The connection is given over to it and free again when the
/// reader is gone: parts can be read one after the other on one connection. Holds one row at a time, a
/// long one in a file. Not thread-safe.
class CopyReader {
 public:
  /// `expressions`: the select list, quoted SQL. `snapshot` empty: the transaction's own. `settings`: "SET .."
  /// statements for the form of values, run before the transaction. statement_timeout does not apply. Throws Error
  /// kSnapshotGone when the snapshot's owner has ended, or the relation's file is not the one of the snapshot's time
  /// (ALTER TABLE, TRUNCATE: the snapshot would miss its rows), QueryError else; what is wrong with the SELECT comes
  /// out of next(), which also does the waiting. `spill_dir`: for rows of more than CopyChannel::kLongest bytes; empty:
  /// the system's temporary directory.
  CopyReader(Connection& connection, const TablePart& part, const std::vector<std::string>& expressions,
             const std::string& snapshot, bool only_this_relation = true, const std::vector<std::string>& settings = {},
             const std::filesystem::path& spill_dir = {});
  /// Before the end of the stream: cancels the COPY. A server that does not end it within 30 s is left: the connection
  /// is lost then.
  ~CopyReader();
  CopyReader(const CopyReader&) = delete;
  CopyReader& operator=(const CopyReader&) = delete;

  /// The next piece of the COPY stream; lives until the next call. Nothing: the end was reached and the server said
  /// that all went well. Throws QueryError, kSourceUnreachable, kInterrupted on stop, kSpillFull and kSpillFailed.
  /// PostgreSQL sends one row a piece, the first with the header before it.
  std::optional<HeldBytes> next(const std::stop_token& stop);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace millrace::postgres
