#pragma once

#include <map>
#include <string>

#include "server/live_numbers.hpp"
#include "server/pipeline_place.hpp"

namespace millrace::server {

/// The numbers as Prometheus text; the names are those of docs/reference/metrics.md and stay. Labels: tenant, pipeline,
/// and where a line says so health, connector or state; never a table: there may be thousands. At most 5,000 pipelines,
/// the first by tenant and name; millrace_pipelines_left_out tells how many more there are.
std::string metrics_text(std::map<PipelinePlace, LiveNumbers> all);

}  // namespace millrace::server
