#pragma once

#include <memory>

#include "pipeline/engine.hpp"
#include "replication/runner.hpp"

namespace millrace::replication {

/// The embedded engine: `start` writes down on the target where the pipeline begins, run_pipeline() moves the data.
/// Pausing is the caller's: it stops the run.
std::unique_ptr<pipeline::Engine> make_embedded_engine();

/// What run_pipeline() takes, by a plan whose tables are those that were never loaded (or all of a new pipeline).
RunPlan make_run_plan(const pipeline::PipelinePlan& plan);

/// What of a plan's tables this engine cannot carry.
preflight::Findings carried_findings(const pipeline::PipelinePlan& plan);

}  // namespace millrace::replication
