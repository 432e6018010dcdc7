#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "pipeline/plan.hpp"
#include "pipeline/server_sessions.hpp"
#include "pipeline/status.hpp"
#include "preflight/target_checks.hpp"

namespace millrace::pipeline {

/// Tells a person what is being done; lines are free of secrets.
using Progress = std::function<void(const std::string& line)>;

/// What the manager and preflight have to know of an engine.
struct EngineTraits {
  /// The data moves only while `millrace run` does; otherwise what `start` made goes on by itself.
  bool runs_in_process = false;
  bool uses_topics = false;
  /// The manager copies what the tables hold, between making the slot and start().
  bool manager_loads = false;
  /// A value that the target column has no room for is noticed, never changed in silence. Then a look at the rows may
  /// decide a column's type.
  bool notices_unfit_values = false;
  /// A table with REPLICA IDENTITY NOTHING is carried as one that only grows.
  bool carries_inserts_only = false;
  /// Replication slots that a load takes for a while beside the pipeline's own.
  int temporary_slots = 0;
  /// Changes of tables with foreign keys or further unique indexes on the target are applied in the source's order and
  /// transactions.
  bool keeps_source_order = false;
  /// What happens to rows that a target table holds already.
  preflight::RowsOnTarget rows_on_target = preflight::RowsOnTarget::kMerged;
};

/// What moves the data. One object serves many pipelines; methods may be called from several threads for different
/// pipelines. Every method throws Error; a method that was stopped by `stop` throws kInterrupted.
class Engine {
 public:
  virtual ~Engine() = default;

  virtual EngineTraits traits(const PipelineSpec& spec) const = 0;

  /// Adds the engine's own facts, findings and artefacts (connector configs, topics) to a plan. Changes nothing.
  virtual void complete_plan(PipelinePlan& plan, const std::stop_token& stop) = 0;

  /// Creates and starts what carries the data, and returns when it has been proven to flow. On failure it removes
  /// what it made, in reverse, and adds a note to the error for each piece ("removed connector ..").
  virtual void start(const PipelinePlan& plan, const Progress& progress, const std::stop_token& stop) = 0;

  virtual void pause(const PipelinePlan& plan, const std::stop_token& stop) = 0;
  virtual void resume(const PipelinePlan& plan, const std::stop_token& stop) = 0;
  /// Restarts what has failed, or everything; deploys what is missing.
  virtual void restart(const PipelinePlan& plan, const std::stop_token& stop) = 0;
  /// Gives what carries the data the plan as it is now, and wakes nothing: what is paused stays so.
  virtual void redeploy(const PipelinePlan& plan, const std::stop_token& stop) = 0;

  /// The engine's part of a status; never throws for an unreachable part: it is a warning in the status. Source and
  /// target are asked on `sessions`.
  virtual void fill_status(const PipelinePlan& plan, PipelineStatus& status, TenantSessions& sessions,
                           const std::stop_token& stop) = 0;

  /// Removes what `start` made; true per piece removed, told through `progress`. Safe to repeat.
  virtual void drop(const PipelinePlan& plan, bool drop_topics, const Progress& progress,
                    const std::stop_token& stop) = 0;
};

}  // namespace millrace::pipeline
