#pragma once

#include "preflight/source_checks.hpp"

namespace millrace::preflight {

/// The part of check_source that looks at each table: kind, rights, replica identity. Ids begin with "table.".
Findings check_source_tables(const SourceCheckInput& input);

}  // namespace millrace::preflight
