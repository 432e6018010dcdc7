#include "replication/source_row.hpp"

#include <fmt/format.h>

#include <utility>

#include "replication/stage_rows.hpp"
#include "schema/table_name.hpp"
#include "support/error.hpp"

namespace millrace::replication {
namespace {

using pgoutput::FieldKind;
using schema::quote_pg;

/// A value as SQL Server shows it, in a form that PostgreSQL's input function takes.
std::string for_postgres(schema::CellKind kind, std::string text) {
  if (kind == schema::CellKind::kBinary && text.starts_with("0x")) text.replace(0, 2, "\\x");
  return text;
}

}  // namespace

pgoutput::Tuple SourceRow::fields() const {
  pgoutput::Tuple tuple;
  for (const auto& value : values) {
    tuple.push_back(value ? pgoutput::Field{FieldKind::kText, *value} : pgoutput::Field{FieldKind::kNull, {}});
  }
  return tuple;
}

pgoutput::Tuple text_fields(const std::vector<std::string>& values) {
  pgoutput::Tuple tuple;
  for (const auto& value : values) tuple.push_back({FieldKind::kText, value});
  return tuple;
}

/// "id=17, part=a" at the names of the key's columns. Empty when a name is not where it must be.
std::vector<std::string> SourceRowFinder::split(const std::string& key_text) const {
  std::vector<std::string> values;
  std::size_t at = 0;
  const auto& key = table_.key();
  for (std::size_t i = 0; i < key.size(); ++i) {
    const auto head = (i == 0 ? "" : ", ") + table_.columns()[key[i]].mapping.source.name + "=";
    if (key_text.compare(at, head.size(), head) != 0) return {};
    at += head.size();
    auto end = key_text.size();
    if (i + 1 < key.size()) {
      const auto next = ", " + table_.columns()[key[i + 1]].mapping.source.name + "=";
      end = key_text.find(next, at);
      // A value that looks like the next column's name leaves it open where it ends.
      if (end == std::string::npos || key_text.find(next, end + 1) != std::string::npos) return {};
    }
    values.push_back(for_postgres(table_.columns()[key[i]].kind, key_text.substr(at, end - at)));
    at = end;
  }
  return values;
}

std::optional<std::vector<std::string>> SourceRowFinder::key_of(const std::string& key_text) {
  const auto values = split(key_text);
  if (values.empty()) return std::nullopt;
  std::string sql;
  std::vector<std::optional<std::string>> parameters;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto& type = table_.columns()[table_.key()[i]].mapping.source.type.declared;
    sql += fmt::format("{}format('%s', ${}::text::{})", i == 0 ? "SELECT " : ", ", i + 1, type);
    parameters.emplace_back(values[i]);
  }
  std::vector<std::string> key;
  try {
    const auto read = source_.query(sql, parameters);
    for (std::size_t i = 0; i < values.size(); ++i) key.push_back(read.text(0, i));
  } catch (const postgres::QueryError& error) {
    if (error.code() == ErrorCode::kSourceUnreachable) throw;
    return std::nullopt;  // "?", or a text that only SQL Server takes for such a value
  }
  // There and back again: else the text says less than the value.
  return replication::key_text(table_, text_fields(key)) == key_text ? std::optional(std::move(key)) : std::nullopt;
}

std::optional<SourceRow> SourceRowFinder::find(const std::vector<std::string>& key) {
  std::string sql = "SELECT tableoid::text || xmin::text || ctid::text";
  for (const auto& column : table_.columns()) sql += ", " + quote_pg(column.mapping.source.name);
  sql += " FROM " + quote_pg(table_.source()) + " WHERE ";
  std::vector<std::optional<std::string>> parameters;
  for (std::size_t i = 0; i < key.size(); ++i) {
    const auto& column = table_.columns()[table_.key()[i]].mapping.source;
    sql +=
        fmt::format("{}{} = ${}::text::{}", i == 0 ? "" : " AND ", quote_pg(column.name), i + 1, column.type.declared);
    parameters.emplace_back(key[i]);
  }
  const auto result = source_.query(sql, parameters);
  if (result.empty()) return std::nullopt;
  const auto& row = result.rows().front();
  return SourceRow{row.at(0).value_or(""), {row.begin() + 1, row.end()}};
}

}  // namespace millrace::replication
