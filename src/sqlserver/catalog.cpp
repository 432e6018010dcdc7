#include "sqlserver/catalog.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>

namespace millrace::sqlserver {
namespace {

using schema::quote_mssql;
using schema::quote_mssql_literal;
using schema::TargetColumn;
using schema::TargetTable;
using schema::TargetType;

int number(const Row& row, std::size_t column) {
  int value = 0;
  const std::string& text = row.at(column).value_or("0");
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

bool flag(const Row& row, std::size_t column) {
  return number(row, column) != 0;
}

std::vector<std::optional<std::string>> name_parameters(const schema::TableName& name) {
  return {name.schema, name.name};
}

// Alias types are told by their base; CLR types (geometry, ...) have none and keep their own name.
constexpr const char* kColumns = R"(SELECT c.name, COALESCE(b.name, u.name), c.max_length, c.precision, c.scale,
  CAST(c.is_nullable AS int), c.collation_name, CAST(c.is_identity AS int), CAST(c.is_computed AS int),
  c.default_object_id
FROM sys.tables AS t
JOIN sys.schemas AS s ON s.schema_id = t.schema_id
JOIN sys.columns AS c ON c.object_id = t.object_id
JOIN sys.types AS u ON u.user_type_id = c.user_type_id
LEFT JOIN sys.types AS b ON b.user_type_id = c.system_type_id
WHERE s.name = ? AND t.name = ?
ORDER BY c.column_id)";

constexpr const char* kPrimaryKey = R"(SELECT c.name
FROM sys.tables AS t
JOIN sys.schemas AS s ON s.schema_id = t.schema_id
JOIN sys.key_constraints AS k ON k.parent_object_id = t.object_id
JOIN sys.index_columns AS i ON i.object_id = t.object_id AND i.index_id = k.unique_index_id
JOIN sys.columns AS c ON c.object_id = t.object_id AND c.column_id = i.column_id
WHERE s.name = ? AND t.name = ? AND k.type = 'PK' AND i.key_ordinal > 0
ORDER BY i.key_ordinal)";

constexpr const char* kForeignKeys = R"(SELECT f.name
FROM sys.foreign_keys AS f
JOIN sys.tables AS t ON t.object_id = f.parent_object_id
JOIN sys.schemas AS s ON s.schema_id = t.schema_id
WHERE s.name = ? AND t.name = ? AND f.is_disabled = 0
ORDER BY f.name)";

constexpr const char* kReferences = R"(SELECT f.name, ps.name, p.name
FROM sys.foreign_keys AS f
JOIN sys.tables AS t ON t.object_id = f.referenced_object_id
JOIN sys.schemas AS s ON s.schema_id = t.schema_id
JOIN sys.tables AS p ON p.object_id = f.parent_object_id
JOIN sys.schemas AS ps ON ps.schema_id = p.schema_id
WHERE s.name = ? AND t.name = ? AND f.is_disabled = 0
ORDER BY ps.name, p.name, f.name)";

constexpr const char* kTriggers = R"(SELECT g.name
FROM sys.triggers AS g
JOIN sys.tables AS t ON t.object_id = g.parent_id
JOIN sys.schemas AS s ON s.schema_id = t.schema_id
WHERE s.name = ? AND t.name = ? AND g.is_disabled = 0
ORDER BY g.name)";

constexpr const char* kUniqueIndexes = R"(SELECT i.name
FROM sys.indexes AS i
JOIN sys.tables AS t ON t.object_id = i.object_id
JOIN sys.schemas AS s ON s.schema_id = t.schema_id
WHERE s.name = ? AND t.name = ? AND i.is_unique = 1 AND i.is_primary_key = 0 AND i.is_disabled = 0
ORDER BY i.name)";

TargetColumn to_column(const Row& row) {
  return {.name = row.at(0).value_or(""),
          .type = catalog_type(row.at(1).value_or(""), number(row, 2), number(row, 3), number(row, 4)),
          .nullable = flag(row, 5),
          .collation = row.at(6).value_or(""),
          .identity = flag(row, 7),
          .computed = flag(row, 8),
          .has_default = flag(row, 9)};
}

std::vector<std::string> names(Session& session, const char* sql, const schema::TableName& table) {
  std::vector<std::string> out;
  for (const Row& row : session.query(sql, name_parameters(table))) out.push_back(row.at(0).value_or(""));
  return out;
}

}  // namespace

TargetType catalog_type(const std::string& name, int max_length, int precision, int scale) {
  TargetType type{.name = name == "numeric" ? "decimal" : name};
  if (type.name == "nchar" || type.name == "nvarchar") {
    type.length = max_length < 0 ? TargetType::kMax : max_length / 2;
  } else if (type.name == "char" || type.name == "varchar" || type.name == "binary" || type.name == "varbinary") {
    type.length = max_length < 0 ? TargetType::kMax : max_length;
  } else if (type.name == "decimal") {
    type.precision = precision;
    type.scale = scale;
  } else if (type.name == "float") {
    type.precision = precision;
  } else if (type.name == "time" || type.name == "datetime2" || type.name == "datetimeoffset") {
    type.scale = scale;
  }
  return type;
}

std::optional<TargetTable> read_table(Session& session, const schema::TableName& name) {
  TargetTable table{.name = name};
  for (const Row& row : session.query(kColumns, name_parameters(name))) table.columns.push_back(to_column(row));
  if (table.columns.empty()) return std::nullopt;
  table.primary_key = names(session, kPrimaryKey, name);
  return table;
}

TableObstacles read_obstacles(Session& session, const schema::TableName& name) {
  TableObstacles obstacles;
  obstacles.foreign_keys = names(session, kForeignKeys, name);
  obstacles.triggers = names(session, kTriggers, name);
  obstacles.unique_indexes = names(session, kUniqueIndexes, name);
  for (const Row& row : session.query(kReferences, name_parameters(name))) {
    obstacles.referencing_keys.push_back(
        {.table = {row.at(1).value_or(""), row.at(2).value_or("")}, .name = row.at(0).value_or("")});
  }
  obstacles.rows = estimate_rows(session, {name}).front().value_or(0);
  return obstacles;
}

std::vector<std::optional<std::int64_t>> estimate_rows(Session& session, const std::vector<schema::TableName>& names) {
  constexpr std::size_t kAtOnce = 500;
  std::vector<std::optional<std::int64_t>> out(names.size());
  for (std::size_t first = 0; first < names.size(); first += kAtOnce) {
    std::string wanted;
    for (std::size_t i = first; i < std::min(names.size(), first + kAtOnce); ++i) {
      fmt::format_to(std::back_inserter(wanted), "{}({}, OBJECT_ID({}, N'U'))", wanted.empty() ? "" : ", ", i,
                     quote_mssql_literal(quote_mssql(names[i])));
    }
    const auto rows = session.query("SELECT w.place, SUM(p.rows) FROM (VALUES " + wanted +
                                    ") AS w (place, id) JOIN sys.partitions AS p ON p.object_id = w.id WHERE "
                                    "p.index_id IN (0, 1) GROUP BY w.place");
    for (const Row& row : rows) out.at(static_cast<std::size_t>(number(row, 0))) = std::stoll(row.at(1).value_or("0"));
  }
  return out;
}

}  // namespace millrace::sqlserver
