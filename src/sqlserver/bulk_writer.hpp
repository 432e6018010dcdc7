#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "schema/cell.hpp"
#include "schema/table_name.hpp"
#include "support/endpoint.hpp"

namespace millrace::sqlserver {

/// A column that a bulk copy fills, in the table's own order or any other.
struct BulkColumn {
  std::string name;
  schema::TargetType type;
};

struct BulkOptions {
  bool table_lock = false;          ///< TABLOCK: minimal logging into heaps; only where nobody else reads
  std::int64_t rows_per_batch = 0;  ///< a hint; 0: none
  bool check_constraints = false;   ///< CHECK and FOREIGN KEY are tested; else they are skipped and left untrusted
  bool keep_identity = false;       ///< cells of an IDENTITY column are kept; else the server makes its own values
  bool in_table_order = false;      ///< the columns are the table's first ones in its own order: saves a look-up
};

/// A connection of its own for bulk copies (SQL_COPT_SS_BCP), by Microsoft's driver: bcp_initW, bcp_bind,
/// bcp_sendrow, bcp_batch, bcp_done. Each batch commits by itself. One table at a time. Not thread-safe.
/// A copy that is given up costs the connection; the next use signs in again, and may throw as the constructor does.
class BulkSession {
 public:
  /// Throws as Session does.
  explicit BulkSession(const TargetEndpoint& endpoint);
  ~BulkSession();
  BulkSession(const BulkSession&) = delete;
  BulkSession& operator=(const BulkSession&) = delete;

  /// Runs a plain statement on this connection, between bulk copies (TRUNCATE of a stage).
  std::int64_t execute(const std::string& sql);

  struct Impl;

 private:
  friend class BulkWriter;
  std::unique_ptr<Impl> impl_;
};

/// One bulk copy into one table. Ends with finish(); destroyed before that, what was not committed is given up.
/// A NULL cell stays NULL in a column with a default; only columns that are not named get theirs. Triggers do not fire.
/// After any error the copy is over.
class BulkWriter {
 public:
  /// Throws QueryError (208, 229, ...; 207 for an unknown column), kTableUnsupported for a type without a cell,
  /// kInternal while another copy of the session is open.
  BulkWriter(BulkSession& session, const schema::TableName& table, const std::vector<BulkColumn>& columns,
             const BulkOptions& options = {});
  ~BulkWriter();
  BulkWriter(const BulkWriter&) = delete;
  BulkWriter& operator=(const BulkWriter&) = delete;

  /// Sends one row: as many cells as columns, in their order. The cells may be reused when this returns, by when their
  /// long values have been read, piece by piece.
  /// Throws QueryError: 2628 at once for a text or binary longer than its column; what the server has to say
  /// (515, 2627, 547, ...) comes here or with commit() and finish().
  void write(std::span<const schema::Cell> row);
  /// Commits the rows sent since the last commit; returns how many the server took.
  std::int64_t commit();
  /// Commits the rest and ends the copy. Returns the rows of the last batch.
  std::int64_t finish();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace millrace::sqlserver
