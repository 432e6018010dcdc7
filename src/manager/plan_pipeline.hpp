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

/// The plans of some of a pipeline's tables, to be loaded: read from the source again, without a look at the rows;
/// where the rows decided a column's type, it is the one that the target table has. Tables that are gone from the
/// source are left out and named in `gone`.
std::vector<schema::TablePlan> plan_unloaded(const StoredPipeline& stored, const std::vector<schema::TableName>& tables,
                                             std::vector<schema::TableName>& gone);

/// A plan of further tables for a pipeline that exists: tables, findings about them, what they need on the target.
/// `spec` is the pipeline's with the new tables as its list. Throws Error kUsage for tables that it has already.
FullPlan plan_more_tables(const StoredPipeline& stored, const pipeline::PipelineSpec& spec, pipeline::Engine& engine,
                          const std::stop_token& stop);

/// The plan of one table of a pipeline that exists, with a look at its rows, and the findings about it.
FullPlan plan_one_table(const StoredPipeline& stored, const schema::TableName& table, pipeline::Engine& engine,
                        const std::stop_token& stop);

/// Throws Error kPreflightFailed with the errors among the findings as notes, if there are any.
void refuse_errors(const preflight::Findings& findings, const std::string& pipeline);

/// What was stored, without asking any server: names, routes and topics; enough to watch, pause and remove.
pipeline::PipelinePlan stored_plan(const StoredPipeline& stored);

/// The publication that fits the plan.
postgres::PublicationSpec wanted_publication(const pipeline::PipelinePlan& plan);

/// Throws Error kInterrupted when a stop was requested.
void check_stop(const std::stop_token& stop);

}  // namespace millrace::manager
