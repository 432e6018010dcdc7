#pragma once

#include <string>
#include <vector>

#include "schema/type_mapping.hpp"
#include "support/endpoint.hpp"
#include "support/ids.hpp"

namespace millrace::replication {

/// Changes to the tables of a pipeline that exists, written into the target's state. A run sees them when it begins
/// its next attempt. Each is one transaction, done again with the new fence when a process takes the pipeline over
/// meanwhile.

/// A table as the pipeline's state on the target knows it.
struct TableIdentity {
  schema::TableName source;
  schema::TableName target;
  Oid oid;  ///< of the source table; 0: not known
};
/// Empty when the target does not know the pipeline.
std::vector<TableIdentity> read_table_identities(const TargetEndpoint& target, const std::string& pipeline);

/// Removes stage tables of names that no table of the pipeline has any more.
void drop_stages_of_former(const TargetEndpoint& target, const std::string& pipeline,
                           const std::vector<schema::TableName>& sources);

/// Tables that are to be loaded, or (loads false) are loaded already.
void add_table_states(const TargetEndpoint& target, const std::string& pipeline,
                      const std::vector<schema::TablePlan>& tables, bool loads);

/// Forgets tables and removes their stages. The target tables stay.
void remove_table_states(const TargetEndpoint& target, const std::string& pipeline,
                         const std::vector<schema::TableName>& sources);

/// Runs leave these tables alone until reset_table_state().
void leave_out_tables(const TargetEndpoint& target, const std::string& pipeline,
                      const std::vector<schema::TableName>& sources);

/// What a target table is beyond the plan of its table.
struct TargetSurplus {
  std::vector<std::string> added;   ///< "index ix_b", "column note": somebody's, lost when the table is made anew
  std::vector<std::string> former;  ///< columns that the pipeline made, which the source has no more
};
TargetSurplus read_surplus(const TargetEndpoint& target, const std::string& pipeline, const schema::TablePlan& table);

/// The next run empties the target table and loads it anew. In the same transaction the target table itself is made
/// anew, with `recreate`, or else its `former` columns are dropped.
void reset_table_state(const TargetEndpoint& target, const std::string& pipeline, const schema::TablePlan& table,
                       bool recreate, const std::vector<std::string>& former = {});

}  // namespace millrace::replication
