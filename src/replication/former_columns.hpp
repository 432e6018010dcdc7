#pragma once

#include <string>
#include <vector>

#include "schema/target_table.hpp"

namespace millrace::replication {

/// Columns of a target table that the pipeline made, by the shape that its state has, and that went from the source:
/// the plan of a new load has them no more. In the shape's order; none when that is empty or of another target table.
/// Pure.
std::vector<schema::TargetColumn> former_columns(const std::string& shape, const schema::TargetTable& planned,
                                                 const schema::TargetTable& actual);

}  // namespace millrace::replication
