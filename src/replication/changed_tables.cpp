#include "replication/changed_tables.hpp"

#include <algorithm>

#include "postgres/catalog.hpp"
#include "postgres/ddl_capture.hpp"
#include "replication/relation_types.hpp"
#include "support/error.hpp"

namespace millrace::replication {
namespace {

using schema::SourceColumn;

/// What is left of a dropped type's column is not compared; a domain of another name is another type.
bool as_planned(const SourceColumn& planned, const SourceColumn& live) {
  if (planned.attnum != live.attnum || planned.name != live.name) return false;
  // A NULL has no place in a column that was planned without.
  if (planned.not_null && !live.not_null) return false;
  return planned.type.oid.value == 0 || (planned.type.domain == live.type.domain && same_type(planned.type, live.type));
}

bool as_planned(const TableBinding& table, const schema::SourceTable& live) {
  const auto& planned = table.plan().source;
  const auto& left_out = table.plan().left_out;
  if (planned.oid != live.oid) return false;
  const bool all_known = std::all_of(live.columns.begin(), live.columns.end(), [&](const SourceColumn& column) {
    return std::find(left_out.begin(), left_out.end(), column.name) != left_out.end() ||
           std::any_of(planned.columns.begin(), planned.columns.end(),
                       [&](const SourceColumn& each) { return as_planned(each, column); });
  });
  return all_known && std::all_of(table.columns().begin(), table.columns().end(), [&](const auto& carried) {
           return std::any_of(live.columns.begin(), live.columns.end(),
                              [&](const SourceColumn& column) { return as_planned(carried.mapping.source, column); });
         });
}

}  // namespace

void refuse_changed_tables(const SourceEndpoint& source, const std::vector<TableLoad>& loads) {
  std::vector<schema::TableName> names;
  names.reserve(loads.size());
  for (const auto& load : loads) names.push_back(load.table->source());
  postgres::Connection connection(source);
  const auto live = postgres::read_tables_there(connection, names);
  for (const auto& load : loads) {
    const auto found = std::find_if(
        live.begin(), live.end(), [&](const schema::SourceTable& table) { return table.name == load.table->source(); });
    // One that has another name now is no other table: the copy says that it is not where it was.
    const bool same = found == live.end()
                          ? postgres::read_table_shape(connection, load.table->plan().source.oid).has_value()
                          : as_planned(*load.table, *found);
    if (same) continue;
    throw Error(ErrorCode::kPlanOutdated, "The source table was changed between the plan of its load and the load.",
                {.table = load.table->source().to_string()});
  }
}

}  // namespace millrace::replication
