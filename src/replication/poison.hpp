#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pgoutput/messages.hpp"
#include "replication/batch.hpp"
#include "replication/table_binding.hpp"
#include "schema/cell.hpp"
#include "sqlserver/session.hpp"
#include "support/error.hpp"
#include "support/ids.hpp"

namespace millrace::replication {

/// A row that the target cannot take, and what is known of it.
struct PoisonRow {
  schema::TableName source;
  schema::TableName target;
  std::string op;  ///< load | insert | update | delete
  Lsn lsn;         ///< commit record of the transaction that changed the row last; of a load: its snapshot
  std::int64_t commit_time = 0;  ///< of that transaction, microseconds since 2000-01-01 UTC; 0: unknown
  /// "id=17, part=a": the key that the source's next change of the row will name. Empty for tables without key.
  std::string key_text;
  std::string row_json;  ///< columns by source name, see row_json(); of a delete: empty but for tables without key
  std::string reason;
};

/// True when one row's values can be what SQL Server refused: a constraint (515, 547, 2601, 2627), a value too long or
/// too large (2628, 8152, 8115, 220), a conversion, a key or row that is too wide, or a trigger's own THROW. Numbers of
/// the engine's own THROWs are not among them.
bool row_refused(const sqlserver::QueryError& error);

/// The source column that SQL Server's message names, or empty.
std::string blamed_column(const TableBinding& table, const std::string& message);

/// The final error for a pipeline that stops at poison rows: table, key, column, LSN and reason.
Error poison_error(const PoisonRow& row, const Error& cause, const std::string& column);

/// A row as a JSON object: each column that was sent with its value as people write it on SQL Server, or null. A value
/// that has no form there stands as PostgreSQL sent it: its text, or 0x and the bytes of its binary form.
std::string row_json(const TableBinding& table, const pgoutput::Tuple& row);
std::string row_json(const TableBinding& table, const std::vector<schema::Cell>& row);
/// The key's values of a row that is ready for its target table: as key_text() of stage_rows.hpp.
std::string key_text_of(const TableBinding& table, const std::vector<schema::Cell>& row);
/// The same of a whole tuple.
std::string key_text_of(const TableBinding& table, const pgoutput::Tuple& row);

}  // namespace millrace::replication
