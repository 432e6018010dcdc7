#include "schema/table_name.hpp"

namespace millrace::schema {
namespace {

std::string quoted(std::string_view text, char open, char close) {
  std::string out(1, open);
  for (const char c : text) {
    out += c;
    if (c == close) out += close;
  }
  return out + close;
}

}  // namespace

std::string quote_pg(std::string_view identifier) {
  return quoted(identifier, '"', '"');
}

std::string quote_pg(const TableName& table) {
  return quote_pg(table.schema) + "." + quote_pg(table.name);
}

std::string quote_pg_literal(std::string_view text) {
  std::string out;
  bool backslash = false;
  for (const char c : text) {
    backslash = backslash || c == '\\';
    out += c;
    if (c == '\'' || c == '\\') out += c;
  }
  return (backslash ? "E'" : "'") + out + "'";
}

std::string quote_mssql(std::string_view identifier) {
  return quoted(identifier, '[', ']');
}

std::string quote_mssql(const TableName& table) {
  return quote_mssql(table.schema) + "." + quote_mssql(table.name);
}

std::string quote_mssql_literal(std::string_view text) {
  return "N" + quoted(text, '\'', '\'');
}

}  // namespace millrace::schema
