#pragma once

#include "pipeline/spec.hpp"
#include "support/host_guard.hpp"

namespace millrace::pipeline {

/// Asks the guard about every host that a spec names: source, target, and with kafka-connect the REST API and the
/// brokers. Throws Error as the guard does, with the member that names the host as its field, and kUsage for a URL or
/// brokers that cannot be read.
void judge_hosts(const PipelineSpec& spec, const HostGuard& guard);

/// The spec with the guard at every endpoint: whoever connects asks it then, for the addresses to dial.
PipelineSpec guarded(PipelineSpec spec, const HostGuard& guard);

}  // namespace millrace::pipeline
