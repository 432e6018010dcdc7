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

/// The next run empties the target table and loads it anew. With `recreate` the target table itself is made anew in
/// the same transaction.
void reset_table_state(const TargetEndpoint& target, const std::string& pipeline, const schema::TablePlan& table,
                       bool recreate);

}  // namespace millrace::replication
