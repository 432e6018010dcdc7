#include "schema/target_ddl.hpp"

#include <fmt/format.h>

namespace millrace::schema {
namespace {

std::string column_sql(const TargetColumn& column) {
  return fmt::format("  {} {}{}{}", quote_mssql(column.name), column.type.to_string(),
                     column.collation.empty() ? "" : " COLLATE " + column.collation,
                     column.nullable ? " NULL" : " NOT NULL");
}

/// Cut at a character's beginning.
std::string shortened(std::string text, std::size_t bytes) {
  if (text.size() <= bytes) return text;
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xC0U) == 0x80U) --bytes;
  text.resize(bytes);
  return text;
}

}  // namespace

std::string create_table_sql(const TargetTable& table) {
  std::string sql = "CREATE TABLE " + quote_mssql(table.name) + " (\n";
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    sql += (i == 0 ? "" : ",\n") + column_sql(table.columns[i]);
  }
  if (!table.primary_key.empty()) {
    sql += ",\n  CONSTRAINT " + quote_mssql(primary_key_name(table.name.name)) + " PRIMARY KEY CLUSTERED (";
    for (std::size_t i = 0; i < table.primary_key.size(); ++i) {
      sql += (i == 0 ? "" : ", ") + quote_mssql(table.primary_key[i]);
    }
    sql += ")";
  }
  return sql + "\n)";
}

std::string primary_key_name(const std::string& table) {
  return shortened("PK_" + table, kLongestName);
}

std::string create_schema_sql(const std::string& schema) {
  return "EXEC(" + quote_mssql_literal("CREATE SCHEMA " + quote_mssql(schema)) + ")";
}

std::string drop_table_sql(const TableName& table) {
  return "DROP TABLE IF EXISTS " + quote_mssql(table);
}

std::string drop_column_sql(const TableName& table, const std::string& column) {
  return "ALTER TABLE " + quote_mssql(table) + " DROP COLUMN " + quote_mssql(column) + ";";
}

}  // namespace millrace::schema
