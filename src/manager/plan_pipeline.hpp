#pragma once

#include <set>
#include <stop_token>

#include "manager/registry.hpp"
#include "manager/replica_identity.hpp"
#include "pipeline/engine.hpp"
#include "pipeline/plan.hpp"
#include "postgres/publication.hpp"

namespace millrace::manager {

/// A plan with everything that creating needs to know beside it.
struct FullPlan {
  pipeline::PipelinePlan plan;
  std::vector<std::string> create_schemas;        ///< target schemas that are not there
  std::set<schema::TableName> existing_targets;   ///< used as they are, and never dropped
  std::vector<IdentityBefore> set_identity_full;  ///< source tables and partitions that need REPLICA IDENTITY FULL
};

/// Reads both servers and asks the engine for its part. Changes nothing.
FullPlan plan_pipeline(const pipeline::PipelineSpec& spec, pipeline::Engine& engine, const std::stop_token& stop);

/// The plan of a pipeline that exists: tables read from the source again, no checks, the engine's configs complete.
pipeline::PipelinePlan replan(const StoredPipeline& stored, pipeline::Engine& engine, const std::stop_token& stop);

/// What was stored, without asking any server: names, routes and topics; enough to watch, pause and remove.
pipeline::PipelinePlan stored_plan(const StoredPipeline& stored);

/// The publication that fits the plan.
postgres::PublicationSpec wanted_publication(const pipeline::PipelinePlan& plan);

/// Throws Error kInterrupted when a stop was requested.
void check_stop(const std::stop_token& stop);

}  // namespace millrace::manager
