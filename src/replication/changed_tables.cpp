#include "replication/changed_tables.hpp"

#include <algorithm>

#include "replication/source_catalog.hpp"
#include "support/error.hpp"

namespace millrace::replication {
namespace {

/// Domains are planned as their base type: what they are is not compared, nor what is left of a dropped type's column.
bool planned_type(const LiveColumn& live, const schema::SourceColumn& planned) {
  const auto& type = planned.type;
  return !type.domain.empty() || type.oid.value == 0 || type.oid.value == live.type.value;
}

}  // namespace

void refuse_changed_tables(const SourceEndpoint& source, const std::vector<TableLoad>& loads) {
  const auto catalog = source_catalog(source);
  for (const auto& load : loads) {
    const auto& planned = load.table->plan().source;
    const auto& left_out = load.table->plan().left_out;
    const auto live = catalog->columns(planned.oid);
    const auto is = [](const LiveColumn& column, const schema::SourceColumn& each) {
      return each.attnum == column.attnum && each.name == column.name && planned_type(column, each);
    };
    const bool same = std::all_of(live.begin(), live.end(),
                                  [&](const LiveColumn& column) {
                                    return std::any_of(planned.columns.begin(), planned.columns.end(),
                                                       [&](const auto& each) { return is(column, each); }) ||
                                           std::find(left_out.begin(), left_out.end(), column.name) != left_out.end();
                                  }) &&
                      std::all_of(load.table->columns().begin(), load.table->columns().end(), [&](const auto& carried) {
                        return std::any_of(live.begin(), live.end(), [&](const LiveColumn& column) {
                          return is(column, carried.mapping.source);
                        });
                      });
    if (same) continue;
    throw Error(ErrorCode::kPlanOutdated, "The source table was changed between the plan of its load and the load.",
                {.table = planned.name.to_string()});
  }
}

}  // namespace millrace::replication
