#pragma once

#include <map>
#include <string>
#include <vector>

#include "postgres/connection.hpp"
#include "schema/source_table.hpp"

namespace millrace::postgres {

/// All ordinary and partitioned tables outside the system schemas, sorted; partitions are left out (their root stands
/// for them).
std::vector<schema::TableName> list_tables(Connection& connection);

/// Reads the named tables from pg_catalog, in the order given. Throws Error kTableNotFound for one that is gone.
/// A handful of queries, however many tables there are.
std::vector<schema::SourceTable> read_tables(Connection& connection, const std::vector<schema::TableName>& names);
/// The same for lists that may be outdated: tables that are gone are left out.
std::vector<schema::SourceTable> read_tables_there(Connection& connection, const std::vector<schema::TableName>& names);

/// Looks at the data where the catalog does not tell enough for an exact mapping: numerics without precision or with
/// more than 38 digits, special values, lengths of text keys. One sequential scan a table, only when a column needs
/// it; `skip_above_rows` leaves out tables whose estimate is larger (then their facts are absent, as
/// they are for a table that the user may not read).
std::map<std::string, schema::ColumnFacts> probe_columns(Connection& connection, const schema::SourceTable& table,
                                                         std::int64_t skip_above_rows = 50'000'000);

}  // namespace millrace::postgres
