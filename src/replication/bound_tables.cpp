#include "replication/bound_tables.hpp"

#include <algorithm>
#include <utility>

#include "replication/apply_sql.hpp"
#include "replication/former_columns.hpp"
#include "replication/run_load.hpp"
#include "replication/stage_rows.hpp"
#include "schema/drift.hpp"
#include "schema/target_ddl.hpp"
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

/// A table that holds nothing but what a load has to write again.
bool may_alter(const RunPlan& plan, sqlserver::Session& target, const sqlserver::TableState& state) {
  if (plan.schema_policy != SchemaPolicy::kApply) return false;
  const auto& name = state.target;
  if (target.query("SELECT TOP (1) 1 FROM " + schema::quote_mssql(name)).empty()) return true;
  if (state.state != "copying") return false;
  target.execute(truncate_sql(name, !sqlserver::read_obstacles(target, name).referencing_keys.empty()).text);
  return true;
}

void add_column(sqlserver::Session& target, const schema::TableName& table, const schema::TargetColumn& column) {
  target.execute("ALTER TABLE " + schema::quote_mssql(table) + " ADD " + schema::quote_mssql(column.name) + " " +
                 column.type.to_string() + (column.collation.empty() ? "" : " COLLATE " + column.collation) + " NULL");
}

/// Without rows there is nothing that a type which cannot be converted would lose: names may have been exchanged.
void alter_empty(sqlserver::Session& target, const schema::TargetTable& planned, const schema::Drift& drift) {
  constexpr int kTypeClash = 206;
  constexpr int kNoImplicitConversion = 257;
  try {
    target.execute(drift.fix);
  } catch (const sqlserver::QueryError& error) {
    const auto* column = planned.find_column(drift.column);
    const bool clash = error.number() == kTypeClash || error.number() == kNoImplicitConversion;
    if (!clash || column == nullptr) throw;
    target.execute(schema::drop_column_sql(planned.name, column->name));
    add_column(target, planned.name, *column);
  }
}

/// Columns that the source got since the table was made are added before it is loaded, those whose type changed are
/// altered.
void fit_target(const RunPlan& plan, sqlserver::Session& target, const schema::TargetTable& planned,
                const sqlserver::TableState& state) {
  auto actual = sqlserver::read_table(target, planned.name);
  if (!actual) {
    throw Error(ErrorCode::kTargetDrift, "The target table " + planned.name.to_string() + " does not exist.",
                {.table = planned.name.to_string()})
        .suggest("Create the pipeline again, or `millrace reload` the table.");
  }
  for (const auto& column : planned.columns) {
    if (actual->find_column(column.name) != nullptr) continue;
    add_column(target, planned.name, column);
    actual->columns.push_back(column);
  }
  auto drifts = schema::compare_tables(planned, *actual);
  const bool altered = std::any_of(drifts.begin(), drifts.end(), [](const schema::Drift& drift) {
    return drift.fatal && drift.fix.starts_with("ALTER TABLE ");
  });
  if (altered && may_alter(plan, target, state)) {
    for (const auto& drift : drifts) {
      if (drift.fatal && drift.fix.starts_with("ALTER TABLE ")) alter_empty(target, planned, drift);
    }
    drifts = schema::compare_tables(planned, sqlserver::read_table(target, planned.name).value());
  }
  for (const auto& drift : drifts) {
    if (!drift.fatal) continue;
    throw Error(ErrorCode::kTargetDrift, "The target table does not fit any more: " + drift.message,
                {.table = planned.name.to_string(), .column = drift.column})
        .suggest(drift.fix.empty() ? "Correct the target table." : drift.fix);
  }
}

/// Columns that the pipeline made, and that went from the source before a load got to its end. One that an index or a
/// key of the target needs stays, and takes NULL from then on or is refused by name.
void drop_former_columns(const RunPlan& plan, sqlserver::Session& target, const schema::TargetTable& planned,
                         const sqlserver::TableState& state) {
  constexpr int kNeeded = 5074;
  constexpr int kDropFailed = 4922;
  if (plan.schema_policy.drop_column != SchemaPolicy::kApply) return;
  const auto actual = sqlserver::read_table(target, planned.name);
  if (!actual) return;
  for (const auto& column : former_columns(state.shape, planned, *actual)) {
    try {
      target.execute(schema::drop_column_sql(planned.name, column.name));
    } catch (const sqlserver::QueryError& error) {
      if (error.number() != kNeeded && error.number() != kDropFailed) throw;
    }
  }
}

/// Said before its columns are made: a run that is planned by other ones, since this one did not get to its load's end,
/// takes them away again.
void note_shape(const RunPlan& plan, sqlserver::Session& target, const TableShape& shape, std::int64_t fence,
                sqlserver::TableState& state) {
  auto text = to_json_text(shape);
  if (text == state.shape) return;
  state.shape = std::move(text);
  sqlserver::change_table_state(target, plan.pipeline, fence, state);
}

/// Its rows stay to be read as they are; the table that takes its place is made by the plan.
bool will_swap(const RunPlan& plan, sqlserver::Session& target, const sqlserver::TableState& state) {
  if (plan.load_policy != LoadPolicy::kSwap || state.detail == kHalfLoaded) return false;
  return sqlserver::read_table(target, state.target).has_value() &&
         !target.query("SELECT TOP (1) 1 FROM " + schema::quote_mssql(state.target)).empty();
}

}  // namespace

void make_stage(sqlserver::Session& target, const TableBinding& table) {
  constexpr int kNameTaken = 2714;
  try {
    target.execute("DROP TABLE IF EXISTS " + schema::quote_mssql(table.stage()) + "; " + create_stage_sql(table));
  } catch (const sqlserver::QueryError& error) {
    if (error.number() != kNameTaken) throw;
    // Made between both statements by a process that does not know yet that it is fenced off.
    throw Error(ErrorCode::kTargetBusy, "Another process that runs this pipeline is making its stage tables.",
                {.table = table.source().to_string()})
        .because(error.message());
  }
}

BoundTable bind_table(const RunPlan& plan, sqlserver::Session& target, TableShape shape,
                      const sqlserver::TableState& state) {
  BoundTable bound{.state = state};
  const auto obstacles = sqlserver::read_obstacles(target, shape.plan.target.name);
  const bool ordered = !obstacles.foreign_keys.empty() || !obstacles.referencing_keys.empty();
  const auto net = obstacles.unique_indexes.empty() ? ApplyMode::kNet : ApplyMode::kNetAtOnce;
  bound.referenced = !obstacles.referencing_keys.empty();
  bound.binding = std::make_shared<TableBinding>(plan.pipeline, std::move(shape), plan.value_policy,
                                                 ordered ? ApplyMode::kOrdered : net);
  if (state.snapshot_lsn) bound.binding->set_snapshot_lsn(*state.snapshot_lsn);
  make_stage(target, *bound.binding);
  return bound;
}

std::vector<BoundTable> bind_tables(const RunPlan& plan, sqlserver::Session& target, std::int64_t fence,
                                    std::vector<sqlserver::TableState> states) {
  std::vector<BoundTable> tables;
  for (auto& state : states) {
    if (state.state == "removed") continue;
    TableShape shape = shape_of(plan, state);
    if (state.state == "ready") {
      if (!sqlserver::read_table(target, shape.plan.target.name)) {
        throw Error(ErrorCode::kTargetDrift, "The target table " + shape.plan.target.name.to_string() + " is gone.",
                    {.table = state.source.to_string()})
            .suggest("`millrace reload` makes and loads it anew.");
      }
    } else {
      drop_former_columns(plan, target, shape.plan.target, state);
      if (!will_swap(plan, target, state)) {
        note_shape(plan, target, shape, fence, state);
        fit_target(plan, target, shape.plan.target, state);
      }
    }
    tables.push_back(bind_table(plan, target, std::move(shape), state));
  }
  return tables;
}

}  // namespace millrace::replication
