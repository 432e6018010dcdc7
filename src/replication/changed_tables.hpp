#pragma once

#include <vector>

#include "replication/table_loader.hpp"
#include "support/endpoint.hpp"

namespace millrace::replication {

/// Throws Error kPlanOutdated when a table that is to be loaded is no more what its plan says: a column that came
/// between the plan and the snapshot would be left out of the load, and the stream tells of it only what comes behind
/// the snapshot; one of another type would be read as what it was. Call it once the load's snapshot is taken.
void refuse_changed_tables(const SourceEndpoint& source, const std::vector<TableLoad>& loads);

}  // namespace millrace::replication
