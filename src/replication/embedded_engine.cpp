#include "replication/embedded_engine.hpp"

#include <utility>

#include "postgres/ddl_capture.hpp"
#include "postgres/slot_guard.hpp"
#include "replication/table_binding.hpp"
#include "replication/table_swap.hpp"
#include "schema/target_ddl.hpp"
#include "sqlserver/server_facts.hpp"
#include "sqlserver/session.hpp"
#include "support/error.hpp"

namespace millrace::replication {
namespace {

using pipeline::PipelinePlan;

/// Where the slot of a pipeline that is being made begins: everything that commits later is streamed.
postgres::SlotPosition beginning(const PipelinePlan& plan) {
  postgres::Connection source(plan.spec.source);
  auto position = postgres::read_slot_position(source, plan.names.slot);
  if (!position.exists || !position.confirmed_flush) {
    throw Error(ErrorCode::kSlotMissing, "The slot " + plan.names.slot + " is not there.",
                {.pipeline = plan.names.pipeline});
  }
  return position;
}

/// The capture of schema changes on the source, where somebody follows them.
postgres::DdlCapture capture_of(const PipelinePlan& plan) {
  constexpr std::size_t kLongestCapture = 44;
  return {pipeline::shortened_name(plan.names.slot, kLongestCapture), plan.names.publication};
}

bool wants_capture(const PipelinePlan& plan) {
  return plan.spec.embedded.schema_policy != pipeline::SchemaPolicies(pipeline::SchemaPolicy::kIgnore);
}

class EmbeddedEngine : public pipeline::Engine {
 public:
  pipeline::EngineTraits traits(const pipeline::PipelineSpec& spec) const override {
    const bool loads = spec.snapshot == pipeline::SnapshotMode::kInitial;
    const bool refuses = spec.embedded.load_policy == LoadPolicy::kFail;
    return {.runs_in_process = true,
            .notices_unfit_values = true,
            .carries_inserts_only = true,
            .temporary_slots = loads ? 1 : 0,
            .keeps_source_order = true,
            .rows_on_target = refuses ? preflight::RowsOnTarget::kRefused : preflight::RowsOnTarget::kRemoved};
  }

  void complete_plan(PipelinePlan& plan, const std::stop_token&) override {
    for (auto& finding : carried_findings(plan)) plan.findings.push_back(std::move(finding));
    check_state_schema(plan);
    if (plan.spec.snapshot == pipeline::SnapshotMode::kInitial && plan.spec.embedded.load_policy == LoadPolicy::kSwap) {
      for (auto& finding : swap_findings(plan)) plan.findings.push_back(std::move(finding));
    }
    if (wants_capture(plan)) plan_capture(plan);
  }

  void start(const PipelinePlan& plan, const pipeline::Progress& progress, const std::stop_token&) override {
    const auto position = beginning(plan);
    try {
      if (wants_capture(plan)) install_capture(plan, progress);
      provision_target(make_run_plan(plan), position.system_identifier, *position.confirmed_flush);
    } catch (Error& error) {
      take_back(plan, error);
      throw;
    }
    if (progress) progress("wrote the beginning " + position.confirmed_flush->to_string() + " into schema [millrace]");
  }

  // A run looks at the pipeline's stored state, which is the caller's; there is nothing else to hold or to start.
  void pause(const PipelinePlan&, const std::stop_token&) override {}
  void resume(const PipelinePlan&, const std::stop_token&) override {}
  void restart(const PipelinePlan&, const std::stop_token&) override {}
  void redeploy(const PipelinePlan&, const std::stop_token&) override {}

  void fill_status(const PipelinePlan& plan, pipeline::PipelineStatus& status, pipeline::TenantSessions& sessions,
                   const std::stop_token&) override {
    status.schema_policy = pipeline::to_text(plan.spec.embedded.schema_policy);
    try {
      const auto ask = [&](sqlserver::Session& target) { return read_progress(target, plan.names.pipeline); };
      fill(sessions.ask(plan.spec.target, ask), status);
    } catch (const Error& error) {
      status.warnings.push_back("target: " + error.message());
    }
  }

  void drop(const PipelinePlan& plan, bool, const pipeline::Progress& progress, const std::stop_token&) override {
    unprovision_target(plan.spec.target, plan.names.pipeline);
    if (progress) progress("checkpoint and table states on the target");
    postgres::Connection source(plan.spec.source);
    if (postgres::remove_ddl_capture(source, capture_of(plan).name) && progress) {
      progress("capture of schema changes on the source");
    }
  }

 private:
  static void check_state_schema(PipelinePlan& plan) {
    sqlserver::Session target(plan.spec.target);
    const auto facts = sqlserver::read_server_facts(target, kStateSchema);
    if (facts.schema_exists) return;
    plan.target_ddl.push_back(schema::create_schema_sql(kStateSchema));
    if (facts.can_create_schema) return;
    plan.findings.push_back({"target.state_schema", preflight::Severity::kError, kStateSchema,
                             "the schema in which Millrace keeps its place does not exist and the login may not "
                             "create it",
                             "CREATE SCHEMA [millrace] AUTHORIZATION " + schema::quote_mssql(facts.login) +
                                 "; or GRANT CREATE SCHEMA TO " + schema::quote_mssql(facts.login) + ";"});
  }

  static void plan_capture(PipelinePlan& plan) {
    postgres::Connection source(plan.spec.source);
    if (!postgres::may_capture_ddl(source)) {
      plan.findings.push_back({"source.ddl_capture", preflight::Severity::kInfo, plan.spec.source.user,
                               "the user may not make event triggers: schema changes are noticed with the next row of "
                               "their table, by the catalog of that moment; a change of type that also computed other "
                               "values (USING) cannot be told from one that did not, and the table is loaded anew "
                               "behind either",
                               ""});
      return;
    }
    for (auto& statement : postgres::install_ddl_capture_sql(capture_of(plan), source.server_version())) {
      plan.source_statements.push_back(std::move(statement));
    }
  }

  static void install_capture(const PipelinePlan& plan, const pipeline::Progress& progress) {
    postgres::Connection source(plan.spec.source);
    if (!postgres::may_capture_ddl(source)) return;
    postgres::install_ddl_capture(source, capture_of(plan));
    if (progress) progress("made the event triggers that tell of schema changes");
  }

  static void take_back(const PipelinePlan& plan, Error& error) {
    try {
      if (wants_capture(plan)) {
        postgres::Connection source(plan.spec.source);
        postgres::remove_ddl_capture(source, capture_of(plan).name);
      }
      // Somebody else's, then.
      if (error.code() == ErrorCode::kPipelineExists) return;
      unprovision_target(plan.spec.target, plan.names.pipeline);
      error.note("removed the pipeline's rows in schema [millrace]");
    } catch (const Error& failure) {
      error.note("could not remove the pipeline's rows in schema [millrace]: " + failure.message());
    }
  }

  static void fill(const StoredProgress& stored, pipeline::PipelineStatus& status) {
    if (!stored.known) {
      status.state = pipeline::State::kFailed;
      status.reason = "the target does not know this pipeline: its schema millrace was dropped or restored";
      return;
    }
    status.applied_lsn = stored.lsn.to_string();
    status.last_change_ms = stored.commit_ms;
    for (auto& table : status.tables) {
      for (const auto& known : stored.tables) {
        if (known.source.to_string() != table.source) continue;
        table.load_state = known.state;
        table.loaded_rows = known.loaded_rows;
      }
    }
  }
};

}  // namespace

RunPlan make_run_plan(const PipelinePlan& plan) {
  const auto& spec = plan.spec;
  std::set<schema::TableName> own_names;
  for (const auto& [table, options] : spec.mapping.tables) {
    if (options.rename) own_names.insert(table);
  }
  return {.pipeline = plan.names.pipeline,
          .source = spec.source,
          .target = spec.target,
          .slot = plan.names.slot,
          .publication = plan.names.publication,
          .capture = capture_of(plan).name,
          .tables = plan.tables,
          .load = spec.snapshot == pipeline::SnapshotMode::kInitial,
          .load_policy = spec.embedded.load_policy,
          .truncates = pipeline::applies_truncates(spec),
          .value_policy = spec.mapping.value_policy,
          .schema_policy = spec.embedded.schema_policy,
          .target_schema = spec.target.schema,
          .own_names = std::move(own_names),
          .poison = spec.embedded.poison == pipeline::PoisonPolicy::kQuarantine ? PoisonPolicy::kQuarantine
                                                                                : PoisonPolicy::kStop,
          .load_workers = spec.embedded.load_workers};
}

preflight::Findings carried_findings(const PipelinePlan& plan) {
  preflight::Findings findings;
  for (const auto& table : plan.tables) {
    const auto name = table.source.name.to_string();
    try {
      // Made as a run makes it, so that nothing is promised here that the run refuses.
      const TableBinding binding(plan.names.pipeline, {table, stream_key(table), 1}, plan.spec.mapping.value_policy,
                                 ApplyMode::kNet);
    } catch (const Error& error) {
      const auto& column = error.context().column;
      findings.push_back(
          {"column.not_carried", preflight::Severity::kError, column.empty() ? name : name + "." + column,
           error.message(),
           column.empty() ? error.suggestion() : "Leave it out: --exclude-column " + name + "." + column});
    }
  }
  return findings;
}

std::unique_ptr<pipeline::Engine> make_embedded_engine() {
  return std::make_unique<EmbeddedEngine>();
}

}  // namespace millrace::replication
