#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "replication/batch.hpp"
#include "replication/runner.hpp"
#include "sqlserver/session.hpp"
#include "sqlserver/state_tables.hpp"

namespace millrace::replication {

/// One table of a run: its binding and what the target's state says of it.
struct BoundTable {
  std::shared_ptr<TableBinding> binding;
  sqlserver::TableState state;
  bool referenced = false;  ///< foreign keys of other tables point at the target table
};

/// Makes the bindings of a run: by the stored shape for tables that are loaded, by the plan for others. Looks at each
/// target table for what forbids net changes, and makes its stage table anew (empty). Columns of tables that are not
/// loaded are made and taken away as the plan says, behind the shape that tells of them.
/// Throws Error kTargetDrift when a target table is gone or does not fit, kTableUnsupported, kFenced.
std::vector<BoundTable> bind_tables(const RunPlan& plan, sqlserver::Session& target, std::int64_t fence,
                                    std::vector<sqlserver::TableState> states);

/// Makes one table's binding.
BoundTable bind_table(const RunPlan& plan, sqlserver::Session& target, TableShape shape,
                      const sqlserver::TableState& state);

/// DROP and CREATE of the stage table.
void make_stage(sqlserver::Session& target, const TableBinding& table);

}  // namespace millrace::replication
