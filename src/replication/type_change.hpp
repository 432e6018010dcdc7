#pragma once

#include "schema/source_table.hpp"
#include "schema/target_table.hpp"

namespace millrace::replication {

/// True when ALTER TABLE .. TYPE between these leaves every value what it was, so that rows which PostgreSQL rewrote
/// without telling the stream are still right on the target: wider integers, texts, numerics, fractions of seconds.
bool keeps_values(const schema::SourceType& before, const schema::SourceType& after);

/// True when a column of `actual` holds every value of `planned` exactly.
bool holds(const schema::TargetType& actual, const schema::TargetType& planned);

}  // namespace millrace::replication
