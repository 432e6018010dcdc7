#pragma once

#include <compare>
#include <string>
#include <string_view>

namespace millrace::schema {

/// A table's name on either server, unquoted and in its exact case.
struct TableName {
  std::string schema;
  std::string name;

  /// "schema.name", for people, topics and maps; not quoted, so not for SQL.
  std::string to_string() const { return schema + "." + name; }
  friend auto operator<=>(const TableName&, const TableName&) = default;
  friend bool operator==(const TableName&, const TableName&) = default;
};

/// "name" with inner double quotes doubled (PostgreSQL 15, section 4.1.1).
std::string quote_pg(std::string_view identifier);
std::string quote_pg(const TableName& table);
/// 'text' as a PostgreSQL string constant; an E'' constant when it holds a backslash.
std::string quote_pg_literal(std::string_view text);

/// [name] with inner ] doubled (T-SQL, "Database identifiers").
std::string quote_mssql(std::string_view identifier);
std::string quote_mssql(const TableName& table);
/// N'text' with inner quotes doubled.
std::string quote_mssql_literal(std::string_view text);

}  // namespace millrace::schema
