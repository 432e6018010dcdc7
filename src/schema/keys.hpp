#pragma once

#include <map>
#include <string>

#include "schema/type_mapping.hpp"

namespace millrace::schema {

/// Fills in key_kind and key: the primary key, the replica identity's index, the user's columns, a unique index over
/// NOT NULL columns; in this order of preference after the user's word.
void choose_key(TablePlan& plan, const TableOptions& options);

/// Makes the key's columns fit for a SQL Server index: bounded types, binary collation, sizes reported.
void fit_key(TablePlan& plan, const std::map<std::string, ColumnFacts>& facts);

/// Bytes that a value of this type can take in an index key; nothing for a type that cannot be in one.
std::optional<int> key_bytes(const TargetType& type);

}  // namespace millrace::schema
