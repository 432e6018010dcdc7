#include "replication/table_swap.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "replication/type_change.hpp"
#include "schema/target_ddl.hpp"
#include "sqlserver/catalog.hpp"
#include "sqlserver/table_in_use.hpp"
#include "support/error.hpp"

namespace millrace::replication {
namespace {

using schema::quote_mssql;
using schema::quote_mssql_literal;

/// What it is, and a query of the names; {0} is the table's object_id. Statistics and what a view that is not bound to
/// the schema needs are found by name or made anew.
constexpr std::array<std::pair<const char*, const char*>, 12> kObstacles = {{
    {"foreign key", "SELECT name FROM sys.foreign_keys WHERE parent_object_id = {0} OR referenced_object_id = {0}"},
    {"index", "SELECT name FROM sys.indexes WHERE object_id = {0} AND index_id > 0 AND is_primary_key = 0"},
    {"primary key that is not clustered",
     "SELECT name FROM sys.indexes WHERE object_id = {0} AND is_primary_key = 1 AND type <> 1"},
    {"trigger", "SELECT name FROM sys.triggers WHERE parent_id = {0}"},
    {"check", "SELECT name FROM sys.check_constraints WHERE parent_object_id = {0}"},
    {"default", "SELECT name FROM sys.default_constraints WHERE parent_object_id = {0}"},
    {"computed column", "SELECT name FROM sys.columns WHERE object_id = {0} AND is_computed = 1"},
    {"identity column", "SELECT name FROM sys.columns WHERE object_id = {0} AND is_identity = 1"},
    {"permission", "SELECT permission_name FROM sys.database_permissions WHERE class = 1 AND major_id = {0}"},
    {"extended property", "SELECT name FROM sys.extended_properties WHERE class = 1 AND major_id = {0}"},
    {"schema-bound object",
     "SELECT OBJECT_NAME(referencing_id) FROM sys.sql_expression_dependencies WHERE referenced_id = {0} AND "
     "is_schema_bound_reference = 1 AND referencing_id <> {0}"},
    {"history table",
     "SELECT name FROM sys.tables WHERE object_id = {0} AND (temporal_type <> 0 OR is_memory_optimized = 1)"},
}};

std::string object_id(const schema::TableName& table) {
  return "OBJECT_ID(" + quote_mssql_literal(quote_mssql(table)) + ")";
}

bool holds_rows(sqlserver::Session& session, const schema::TableName& table) {
  return !session.query("SELECT TOP (1) 1 FROM " + quote_mssql(table)).empty();
}

std::string list_of(const std::vector<std::string>& obstacles) {
  std::string list;
  for (const auto& obstacle : obstacles) list += (list.empty() ? "" : ", ") + obstacle;
  return list;
}

/// As the target table has the column, where that holds every value that is to come.
schema::TargetTable shape_beside(const schema::TargetTable& planned, const schema::TargetTable& actual,
                                 schema::TableName name) {
  schema::TargetTable table = planned;
  table.name = std::move(name);
  for (auto& column : table.columns) {
    const auto* there = actual.find_column(column.name);
    if (there == nullptr || !holds(there->type, column.type)) continue;
    const bool key =
        std::find(planned.primary_key.begin(), planned.primary_key.end(), column.name) != planned.primary_key.end();
    column.type = there->type;
    if (!key) column.nullable = column.nullable || there->nullable;
    if (!there->collation.empty() && (!key || column.collation.empty())) column.collation = there->collation;
  }
  return table;
}

}  // namespace

schema::TableName beside_name(const std::string& pipeline, const schema::TableName& source,
                              const schema::TableName& target) {
  return {target.schema, "millrace_load_" + stable_hash(pipeline, source)};
}

std::vector<std::string> swap_obstacles(sqlserver::Session& session, const schema::TargetTable& planned) {
  std::vector<std::string> found;
  for (const auto& [what, query] : kObstacles) {
    for (const auto& row : session.query(fmt::format(fmt::runtime(query), object_id(planned.name)))) {
      found.push_back(fmt::format("{} {}", what, row.at(0).value_or("?")));
    }
  }
  const auto actual = sqlserver::read_table(session, planned.name);
  if (!actual) return found;
  for (const auto& column : actual->columns) {
    if (planned.find_column(column.name) == nullptr && !column.computed) {
      found.push_back("column " + column.name + ", which nothing fills");
    }
  }
  return found;
}

void require_swappable(sqlserver::Session& session, const schema::TablePlan& plan) {
  const auto found = swap_obstacles(session, plan.target);
  if (found.empty()) return;
  throw Error(ErrorCode::kTargetDrift,
              plan.target.name.to_string() + " cannot be swapped, its " + list_of(found) + " would be lost.",
              {.table = plan.source.name.to_string()})
      .suggest("Take it away and make it anew behind the load, or load with load policy truncate.");
}

preflight::Findings swap_findings(const pipeline::PipelinePlan& plan) {
  preflight::Findings findings;
  sqlserver::Session session(plan.spec.target);
  for (const auto& table : plan.tables) {
    const auto& name = table.target.name;
    if (!sqlserver::read_table(session, name) || !holds_rows(session, name)) continue;
    const auto found = swap_obstacles(session, table.target);
    if (found.empty()) continue;
    findings.push_back({"target.swap", preflight::Severity::kError, name.to_string(),
                        "another table cannot be put in its place: its " + list_of(found) + " would be lost",
                        "Take it away and make it anew behind the load, or load with --load-policy truncate."});
  }
  return findings;
}

void make_beside(sqlserver::Session& session, const std::string& pipeline, TableBinding& table) {
  const auto& planned = table.plan().target;
  auto name = beside_name(pipeline, table.source(), planned.name);
  const auto actual = sqlserver::read_table(session, planned.name);
  session.execute(schema::create_table_sql(shape_beside(planned, actual ? *actual : planned, name)));
  table.set_load_target(std::move(name));
}

void drop_beside(sqlserver::Session& session, const std::string& pipeline, const schema::TableName& source,
                 const schema::TableName& target) {
  sqlserver::drop_table_from_run(session, beside_name(pipeline, source, target));
}

std::string swap_sql(const TableBinding& table) {
  const auto& target = table.target();
  const auto& beside = table.load_target();
  const auto id = object_id(target);
  std::string sql;
  for (const auto& [what, query] : kObstacles) {
    sql += (sql.empty() ? "IF EXISTS (" : " OR EXISTS (") + fmt::format(fmt::runtime(query), id) + ")";
  }
  sql += fmt::format(" THROW {}, {}, 1;\n", kSwapRefused,
                     quote_mssql_literal(target.to_string() + " has something now that a swap would lose"));
  // The primary key keeps the name that it had, which may be the user's.
  sql += fmt::format(
      "DECLARE @key sysname = (SELECT name FROM sys.key_constraints WHERE parent_object_id = {} AND type = 'PK');\n"
      "DECLARE @made nvarchar(600) = (SELECT {} + QUOTENAME(name) FROM sys.key_constraints WHERE parent_object_id = {} "
      "AND type = 'PK');\n"
      "DROP TABLE {};\n",
      id, quote_mssql_literal(quote_mssql(target.schema) + "."), object_id(beside), quote_mssql(target));
  sql += fmt::format("EXEC sp_rename {}, {};\n", quote_mssql_literal(quote_mssql(beside)),
                     quote_mssql_literal(target.name));
  sql += "IF @key IS NOT NULL AND @made IS NOT NULL EXEC sp_rename @made, @key, N'OBJECT';";
  return sql;
}

}  // namespace millrace::replication
