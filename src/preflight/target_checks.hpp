#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "preflight/finding.hpp"
#include "schema/type_mapping.hpp"
#include "sqlserver/catalog.hpp"
#include "sqlserver/server_facts.hpp"

namespace millrace::preflight {

/// A target table that exists before the pipeline does.
struct ExistingTarget {
  schema::TargetTable table;
  sqlserver::TableObstacles obstacles;
};

/// What a load does with rows that a target table holds before it.
enum class RowsOnTarget {
  kMerged,   ///< rows of the same key are overwritten, others stay
  kRefused,  ///< the load needs an empty table
  kRemoved   ///< the table is emptied first
};

struct TargetCheckInput {
  sqlserver::ServerFacts server;
  std::string schema;  ///< where tables are created
  std::vector<schema::TablePlan> plans;
  std::map<schema::TableName, ExistingTarget> existing;  ///< by target name
  RowsOnTarget rows_on_target = RowsOnTarget::kMerged;
  bool keeps_source_order =
      false;                    ///< tables with constraints get their changes in the source's order and transactions
  bool loads = true;            ///< false: the user says that the target is loaded already
  bool creates_tables = false;  ///< tables will be made that no plan tells of yet
  bool keeps_state = true;      ///< the login may use schema millrace, or make it (sqlserver::may_keep_state)
};

/// Judges the target. Pure. Ids begin with "target.".
Findings check_target(const TargetCheckInput& input);

/// A table's mapping issues as findings; ids as the mapping gives them, prefixed "table.".
Findings mapping_findings(const std::vector<schema::TablePlan>& plans);

}  // namespace millrace::preflight
