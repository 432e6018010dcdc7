#include "replication/table_rename.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "schema/names_equal.hpp"
#include "schema/target_ddl.hpp"

namespace millrace::replication {
namespace {

using schema::quote_mssql;
using schema::quote_mssql_literal;
using schema::TableName;

/// The target table from one name to another of the same schema, and its primary key where that is named after it: a
/// table that is made by the old name is to find both free. `known`: by which people know it.
TargetStep move_target(const TableName& from, const std::string& to, const TableName& known) {
  const TableName now{from.schema, to};
  const TableName key{from.schema, schema::primary_key_name(from.name)};
  const TableName new_key{from.schema, schema::primary_key_name(to)};
  auto sql = fmt::format(
      "IF OBJECT_ID({0}) IS NOT NULL THROW {1}, {2}, 1;\nEXEC sp_rename {3}, {4};\n",
      quote_mssql_literal(quote_mssql(now)), kRenameRefused,
      quote_mssql_literal(known.to_string() + " cannot be renamed to " + to + ", a name that the target has already"),
      quote_mssql_literal(quote_mssql(from)), quote_mssql_literal(to));
  sql += fmt::format(
      "IF OBJECT_ID({0}) IS NULL AND EXISTS (SELECT 1 FROM sys.key_constraints WHERE parent_object_id = OBJECT_ID({1}) "
      "AND name = {2}) EXEC sp_rename {3}, {4}, N'OBJECT';",
      quote_mssql_literal(quote_mssql(new_key)), quote_mssql_literal(quote_mssql(now)), quote_mssql_literal(key.name),
      quote_mssql_literal(quote_mssql(key)), quote_mssql_literal(new_key.name));
  return {.sql = std::move(sql)};
}

/// The table in what the pipeline keeps of it on the target.
std::vector<TargetStep> move_state(const std::string& pipeline, const TableName& from, const TableName& to,
                                   const TableName& target) {
  return {{.sql = "UPDATE [millrace].[table_state] SET source_schema = ?, source_table = ?, target_schema = ?, "
                  "target_table = ?, updated_at = SYSUTCDATETIME() WHERE pipeline = ? AND source_schema = ? AND "
                  "source_table = ?;",
           .values = {to.schema, to.name, target.schema, target.name, pipeline, from.schema, from.name}},
          {.sql = "UPDATE [millrace].[quarantine] SET source_table = ?, target_table = ? WHERE pipeline = ? AND "
                  "source_table COLLATE Latin1_General_100_BIN2 = ?;",
           .values = {to.to_string(), target.to_string(), pipeline, from.to_string()}}};
}

std::string message(const TableRename& rename) {
  const auto& target = rename.table->target();
  const auto from = "table renamed, it was " + rename.table->source().to_string();
  if (!rename.target) return from + "; on the target it stays " + target.to_string();
  return fmt::format("{}; {} on the target is {} now", from, target.to_string(),
                     TableName{target.schema, *rename.target}.to_string());
}

}  // namespace

std::vector<TargetStep> rename_steps(const std::string& pipeline, const std::vector<TableRename>& renames) {
  std::vector<TargetStep> steps;
  const auto add = [&](std::vector<TargetStep> more) {
    for (auto& step : more) steps.push_back(std::move(step));
  };
  // Names are freed before they are taken, also one that differs in case alone.
  const bool by_way =
      renames.size() > 1 || std::any_of(renames.begin(), renames.end(), [](const TableRename& rename) {
        return rename.target && schema::fold_case(*rename.target) == schema::fold_case(rename.table->target().name);
      });
  const auto way = [](std::size_t i) { return fmt::format("millrace_rename_{}", i + 1); };
  for (std::size_t i = 0; by_way && i < renames.size(); ++i) {
    const auto& table = *renames[i].table;
    if (renames[i].target) steps.push_back(move_target(table.target(), way(i), table.target()));
    add(move_state(pipeline, table.source(), {table.source().schema, way(i)}, table.target()));
  }
  for (std::size_t i = 0; i < renames.size(); ++i) {
    const auto& rename = renames[i];
    const TableName& before = rename.table->target();
    const TableName source{rename.table->source().schema, by_way ? way(i) : rename.table->source().name};
    if (rename.target) {
      steps.push_back(move_target({before.schema, by_way ? way(i) : before.name}, *rename.target, before));
    }
    add(move_state(pipeline, source, rename.source, {before.schema, rename.target.value_or(before.name)}));
    steps.back().news =
        StepNews{rename.ignored ? StepNews::Kind::kIgnored : StepNews::Kind::kApplied, rename.source, message(rename)};
  }
  return steps;
}

TableShape renamed_shape(const TableRename& rename, int version) {
  auto shape = rename.table->shape();
  shape.plan.source.name = rename.source;
  if (rename.target) shape.plan.target.name.name = *rename.target;
  shape.version = version;
  return shape;
}

}  // namespace millrace::replication
