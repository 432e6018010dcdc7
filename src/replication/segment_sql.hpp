#pragma once

#include <functional>

#include "replication/apply_sql.hpp"
#include "replication/batch.hpp"
#include "replication/stage_tables.hpp"

namespace millrace::replication {

/// Gives `add` the statements that apply the rows of a segment, which are staged, in their order: each with one that
/// throws when it does not touch as many rows as the source said. Steps are not among them.
void for_each_statement(const Segment& segment, const Batch& batch, StageTables& stages,
                        const std::function<void(const Sql&)>& add);

}  // namespace millrace::replication
