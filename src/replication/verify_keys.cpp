#include "replication/verify_keys.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <string_view>

#include "schema/cell_text.hpp"

namespace millrace::replication {
namespace {

using schema::CellKind;

/// Types of pg_catalog whose values come back from the text of the target's value.
constexpr std::array<std::string_view, 17> kPlainTypes = {
    "bool",    "int2", "int4", "int8", "oid",       "text",        "varchar", "bpchar", "name",
    "numeric", "uuid", "date", "time", "timestamp", "timestamptz", "bytea",   "citext"};

/// Kinds in which a value policy may have put another value than the source's.
bool policed(CellKind kind) {
  switch (kind) {
    case CellKind::kDecimal:
    case CellKind::kDate:
    case CellKind::kTime:
    case CellKind::kDateTime2:
    case CellKind::kDateTimeOffset:
      return true;
    default:
      return false;
  }
}

bool comes_back(const ColumnBinding& column, schema::ValuePolicy policy) {
  const auto& type = column.mapping.source.type;
  if (type.is_array) return false;
  const bool plain = type.kind == schema::TypeKind::kEnum ||
                     std::find(kPlainTypes.begin(), kPlainTypes.end(), type.name) != kPlainTypes.end();
  if (!plain || column.kind == CellKind::kReal || column.kind == CellKind::kFloat) return false;
  if ((type.name == "bytea") != (column.kind == CellKind::kBinary)) return false;
  return column.mapping.policy.value_or(policy) == schema::ValuePolicy::kFail || !policed(column.kind);
}

/// A constant without a type of its own: PostgreSQL gives it the column's.
std::string source_constant(const ColumnBinding& column, const std::string& bytes) {
  const auto text = schema::to_display(column.kind, canonical_cell(column.kind, bytes), column.mapping.target.type);
  if (column.kind == CellKind::kBinary) return schema::quote_pg_literal("\\x" + text.substr(2));
  // No text of PostgreSQL holds it: equal to none.
  if (text.find('\0') != std::string::npos) return "NULL";
  return schema::quote_pg_literal(text);
}

/// Printable ASCII as it is, all else by its UTF-16 units: half a surrogate pair has no UTF-8, and a backslash before a
/// line's end would be taken for a line that goes on.
std::string text_constant(const std::string& bytes, const std::string& text, const schema::TargetType& type) {
  const bool plain = std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~' && c != '\\'; });
  if (plain) return schema::quote_mssql_literal(text);
  std::string units;
  for (const char byte : bytes) units += fmt::format("{:02X}", static_cast<unsigned char>(byte));
  return fmt::format("CONVERT({}, 0x{})", type.to_string(), units);
}

std::string target_constant(const ColumnBinding& column, const std::string& bytes) {
  const auto& type = column.mapping.target.type;
  const auto text = schema::to_display(column.kind, canonical_cell(column.kind, bytes), type);
  switch (column.kind) {
    case CellKind::kDate:
    case CellKind::kTime:
    case CellKind::kDateTime2:
      // Style 121: year, month, day whatever DATEFORMAT says.
      return fmt::format("CONVERT({}, '{}', 121)", type.to_string(), text);
    case CellKind::kDateTimeOffset:
      // Shown as PostgreSQL writes it, with "+00" at the end. SQL Server's own form is read alike in every language.
      return fmt::format("CONVERT({}, '{} +00:00')", type.to_string(), text.substr(0, text.size() - 3));
    case CellKind::kGuid:
      return fmt::format("CONVERT(uniqueidentifier, '{}')", text);
    case CellKind::kText:
      return text_constant(bytes, text, type);
    default:
      return text;
  }
}

using Constant = std::string (*)(const ColumnBinding&, const std::string&);

std::string key_sql(const TableBinding& table, std::span<const RowKey* const> keys,
                    const std::function<std::string(const ColumnBinding&)>& name, Constant constant) {
  const auto column = [&](std::size_t at) -> const ColumnBinding& { return table.columns()[table.key()[at]]; };
  const auto has_null = [](const RowKey* key) {
    return std::any_of(key->begin(), key->end(), [](const auto& value) { return !value; });
  };
  std::string sql;
  if (table.key().size() == 1 && std::none_of(keys.begin(), keys.end(), has_null)) {
    for (const auto* key : keys) sql += (sql.empty() ? "" : ", ") + constant(column(0), *key->at(0));
    return name(column(0)) + " IN (" + sql + ")";
  }
  for (const auto* key : keys) {
    std::string all;
    for (std::size_t i = 0; i < key->size(); ++i) {
      all += (all.empty() ? "" : " AND ") + name(column(i)) +
             ((*key)[i] ? " = " + constant(column(i), *(*key)[i]) : std::string(" IS NULL"));
    }
    sql += (sql.empty() ? "(" : " OR (") + all + ")";
  }
  return "(" + sql + ")";
}

}  // namespace

bool sought_by_key(const TableBinding& table, schema::ValuePolicy policy) {
  return !table.keyless() && std::all_of(table.key().begin(), table.key().end(), [&](std::size_t position) {
    return comes_back(table.columns()[position], policy);
  });
}

std::string source_key_sql(const TableBinding& table, std::span<const RowKey* const> keys) {
  return key_sql(
      table, keys, [](const ColumnBinding& column) { return schema::quote_pg(column.mapping.source.name); },
      source_constant);
}

std::string target_key_sql(const TableBinding& table, std::span<const RowKey* const> keys) {
  return key_sql(
      table, keys, [](const ColumnBinding& column) { return "t." + schema::quote_mssql(column.mapping.target.name); },
      target_constant);
}

RowKey key_of(const TableBinding& table, const std::vector<schema::Cell>& cells) {
  RowKey key;
  for (const auto position : table.key()) key.push_back(canonical(table, position, cells[position]));
  return key;
}

}  // namespace millrace::replication
