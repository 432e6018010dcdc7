#pragma once

#include "preflight/source_checks.hpp"

namespace millrace::preflight {

/// Whether the pipeline's slot survives a failover to a standby, and what stands in its way (PostgreSQL 17 and later,
/// "Logical Replication Failover"). A primary does not see its standbys' settings: what it sees is their slots, and the
/// session by which a standby synchronizes. Pure. Ids begin with "source.failover".
Findings check_failover(const SourceCheckInput& input);

}  // namespace millrace::preflight
