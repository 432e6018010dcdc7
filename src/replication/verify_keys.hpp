#pragma once

#include <span>
#include <string>

#include "replication/table_binding.hpp"
#include "replication/verify_suspects.hpp"
#include "schema/type_mapping.hpp"

namespace millrace::replication {

/// True when each key of the table can be written as constants that both servers take for just that key, so that rows
/// are sought by index and not by scans of whole tables. Not so for keys whose value on the target does not tell the
/// one on the source (clamped by a value policy, arrays, types that only extensions have) or has no exact text
/// (floats).
bool sought_by_key(const TableBinding& table, schema::ValuePolicy policy);

/// Conditions that hold for the rows with one of these keys, and may hold for others too (case, trailing spaces):
/// whoever reads by them looks at the identity besides. Keys must have been made by key_of() or a server's answer.
std::string source_key_sql(const TableBinding& table, std::span<const RowKey* const> keys);
/// Over the alias `t` of the target table.
std::string target_key_sql(const TableBinding& table, std::span<const RowKey* const> keys);

/// The key of a row whose cells are in the binding's order.
RowKey key_of(const TableBinding& table, const std::vector<schema::Cell>& cells);

}  // namespace millrace::replication
