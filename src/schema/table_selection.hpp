#pragma once

#include <string>
#include <vector>

#include "schema/table_name.hpp"

namespace millrace::schema {

/// Resolves the user's table list against what exists. An entry is a name ("orders", looked up in `default_schema`),
/// a qualified name ("sales.orders"), or a glob over either ("sales.*", "order*"). Double quotes keep a name whole:
/// "\"my.table\"". Names match in their exact case first, then without regard to case when that is unique.
/// The result is in the order of the list, without repetition.
/// Throws Error kTableNotFound with the nearest names, naming every entry that matched nothing; kUsage for an empty
/// list.
std::vector<TableName> select_tables(const std::vector<std::string>& entries, const std::string& default_schema,
                                     const std::vector<TableName>& existing);

/// Whether the entry is a glob, which may mean tables that are still to come. Throws Error kUsage for what is no entry.
bool is_pattern(const std::string& entry);

/// Whether the entry means the table, looked for where there is no other. Throws Error kUsage for what is no entry.
bool selects(const std::string& entry, const std::string& default_schema, const TableName& table);

}  // namespace millrace::schema
