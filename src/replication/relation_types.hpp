#pragma once

#include <optional>

#include "schema/source_table.hpp"

namespace millrace::replication {

/// A built-in type by its fixed OID (PostgreSQL source, pg_type.dat), with the column's modifier; nothing for types
/// that are not built in or not known. So the stream alone tells what a column became, even when the catalog has gone
/// on.
std::optional<schema::SourceType> builtin_type(Oid oid, int modifier);

/// Length, precision and scale as atttypmod says them for a type of this name; -1: none declared.
void apply_modifier(schema::SourceType& type, int modifier);

/// True when values of both have the same form and range: same type and same modifiers. OIDs do not matter, so that a
/// domain is its base type.
bool same_type(const schema::SourceType& one, const schema::SourceType& other);

}  // namespace millrace::replication
