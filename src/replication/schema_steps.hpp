#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/schema_policies.hpp"
#include "replication/batch.hpp"
#include "replication/schema_diff.hpp"
#include "schema/type_mapping.hpp"

namespace millrace::replication {

using pipeline::SchemaPolicies;
using pipeline::SchemaPolicy;

/// What rows that are there have in a column that was added.
using OldRows = std::function<OldRowsValue(int attnum)>;

/// Rows that are there have other values now, or the target's cannot be made theirs: only a load of the table follows.
struct UntoldRows {
  std::string column;
  std::string what;       ///< a sentence or two
  bool followed = false;  ///< by the policy of the change's kind; else it is ignored, which is no way to ignore this
};

/// How the target follows.
struct ShapeChange {
  TableShape shape;
  std::vector<TargetStep> steps;  ///< statements on the target table, in order, without stage and state
  bool rebinds = false;  ///< rows look different from now on: the version counts one more, and a new stage is needed
  std::optional<UntoldRows> untold = {};  ///< then the rest is of no use
};

/// Turns what happened on the source into statements for the target and the shape behind them, by the policy of each
/// kind. Throws Error kSchemaChanged for a change that is to pause, or that can neither be followed nor ignored without
/// loss, with the way out. T-SQL for SQL Server 2017 and later; one statement a step, because a batch is compiled
/// before its first statement has changed the table. Pure but for `old_rows`.
ShapeChange follow_changes(const TableShape& shape, const std::vector<SchemaChange>& changes,
                           const SchemaPolicies& policies, schema::ValuePolicy values, const OldRows& old_rows);

}  // namespace millrace::replication
