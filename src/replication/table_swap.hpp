#pragma once

#include <string>
#include <vector>

#include "pipeline/plan.hpp"
#include "replication/table_binding.hpp"
#include "sqlserver/session.hpp"

namespace millrace::replication {

// Load policy swap: rows go into a table beside the target table, which takes its place when all of them are there.
// Until then readers see the rows of before, whole; a crash leaves one or the other.

/// The table that is loaded, in the target table's schema: millrace_load_ and 16 hex digits.
schema::TableName beside_name(const std::string& pipeline, const schema::TableName& source,
                              const schema::TableName& target);

/// What the table has that another table put in its place would not have: "foreign key fk_a", "index ix_b". Columns
/// that the plan does not fill are among it.
std::vector<std::string> swap_obstacles(sqlserver::Session& session, const schema::TargetTable& planned);
/// Throws Error kTargetDrift naming them.
void require_swappable(sqlserver::Session& session, const schema::TablePlan& plan);
/// Errors of tables that hold rows and could not be swapped, for a plan.
preflight::Findings swap_findings(const pipeline::PipelinePlan& plan);

/// Makes the table beside anew, empty: as the target table is, but where the plan needs another column. And writes rows
/// of the binding's load into it.
void make_beside(sqlserver::Session& session, const std::string& pipeline, TableBinding& table);
void drop_beside(sqlserver::Session& session, const std::string& pipeline, const schema::TableName& source,
                 const schema::TableName& target);

/// Puts the table beside in the target table's place, which is dropped, within the transaction that is open. Ends with
/// THROW kSwapRefused when the target table got something since that would be lost.
std::string swap_sql(const TableBinding& table);
inline constexpr int kSwapRefused = 51013;

}  // namespace millrace::replication
