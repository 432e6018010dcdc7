#pragma once

#include <optional>
#include <string>

#include "schema/type_mapping.hpp"

namespace millrace::ingestion {

/// Why this engine cannot bring the column's values to SQL Server exactly; nothing when it can. Debezium's change
/// events and the JDBC sinks' binding set the limits, not the types page.
std::optional<std::string> why_not_carried(const schema::ColumnMapping& column);

}  // namespace millrace::ingestion
