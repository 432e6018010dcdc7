#include "replication/bound_tables.hpp"

#include <algorithm>
#include <utility>

#include "replication/stage_rows.hpp"
#include "schema/drift.hpp"
#include "sqlserver/catalog.hpp"
#include "support/error.hpp"

namespace millrace::replication {
namespace {

TableShape shape_of(const RunPlan& plan, const sqlserver::TableState& state) {
  const bool loaded = state.state == "ready";
  if (!loaded) {
    const auto fresh = std::find_if(plan.tables.begin(), plan.tables.end(),
                                    [&](const schema::TablePlan& table) { return table.source.name == state.source; });
    if (fresh != plan.tables.end()) {
      const int version = state.shape.empty() ? 1 : parse_shape(state.shape).version;
      return {*fresh, stream_key(*fresh), version};
    }
  }
  return parse_shape(state.shape);
}

/// Columns that the source got since the table was made are added before it is loaded.
void fit_target(sqlserver::Session& target, const schema::TargetTable& planned) {
  auto actual = sqlserver::read_table(target, planned.name);
  if (!actual) {
    throw Error(ErrorCode::kTargetDrift, "The target table " + planned.name.to_string() + " does not exist.",
                {.table = planned.name.to_string()})
        .suggest("Create the pipeline again, or `millrace reload` the table.");
  }
  for (const auto& column : planned.columns) {
    if (actual->find_column(column.name) != nullptr) continue;
    target.execute("ALTER TABLE " + schema::quote_mssql(planned.name) + " ADD " + schema::quote_mssql(column.name) +
                   " " + column.type.to_string() + (column.collation.empty() ? "" : " COLLATE " + column.collation) +
                   " NULL");
    actual->columns.push_back(column);
  }
  for (const auto& drift : schema::compare_tables(planned, *actual)) {
    if (!drift.fatal) continue;
    throw Error(ErrorCode::kTargetDrift, "The target table does not fit any more: " + drift.message,
                {.table = planned.name.to_string(), .column = drift.column})
        .suggest(drift.fix.empty() ? "Correct the target table." : drift.fix);
  }
}

}  // namespace

void make_stage(sqlserver::Session& target, const TableBinding& table) {
  target.execute("DROP TABLE IF EXISTS " + schema::quote_mssql(table.stage()) + "; " + create_stage_sql(table));
}

BoundTable bind_table(const RunPlan& plan, sqlserver::Session& target, TableShape shape,
                      const sqlserver::TableState& state) {
  BoundTable bound{.state = state};
  const auto obstacles = sqlserver::read_obstacles(target, shape.plan.target.name);
  const bool ordered =
      !obstacles.foreign_keys.empty() || !obstacles.unique_indexes.empty() || !obstacles.referencing_keys.empty();
  bound.referenced = !obstacles.referencing_keys.empty();
  bound.binding = std::make_shared<TableBinding>(plan.pipeline, std::move(shape), plan.value_policy,
                                                 ordered ? ApplyMode::kOrdered : ApplyMode::kNet);
  if (state.snapshot_lsn) bound.binding->set_snapshot_lsn(*state.snapshot_lsn);
  make_stage(target, *bound.binding);
  return bound;
}

std::vector<BoundTable> bind_tables(const RunPlan& plan, sqlserver::Session& target,
                                    const std::vector<sqlserver::TableState>& states) {
  std::vector<BoundTable> tables;
  for (const auto& state : states) {
    if (state.state == "removed") continue;
    TableShape shape = shape_of(plan, state);
    if (state.state == "ready") {
      if (!sqlserver::read_table(target, shape.plan.target.name)) {
        throw Error(ErrorCode::kTargetDrift, "The target table " + shape.plan.target.name.to_string() + " is gone.",
                    {.table = state.source.to_string()})
            .suggest("`millrace reload` makes and loads it anew.");
      }
    } else {
      fit_target(target, shape.plan.target);
    }
    tables.push_back(bind_table(plan, target, std::move(shape), state));
  }
  return tables;
}

}  // namespace millrace::replication
