#include "manager/plan_pipeline.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "postgres/catalog.hpp"
#include "postgres/server_facts.hpp"
#include "postgres/slot.hpp"
#include "preflight/grant_script.hpp"
#include "preflight/source_checks.hpp"
#include "preflight/table_checks.hpp"
#include "preflight/target_checks.hpp"
#include "replication/relation_types.hpp"
#include "replication/shape_json.hpp"
#include "schema/names_equal.hpp"
#include "schema/table_selection.hpp"
#include "schema/target_ddl.hpp"
#include "sqlserver/catalog.hpp"
#include "sqlserver/server_facts.hpp"
#include "sqlserver/state_tables.hpp"
#include "support/error.hpp"

namespace millrace::manager {
namespace {

using pipeline::PipelinePlan;

/// Larger tables are not read through for a plan: their values are judged when they come.
constexpr std::int64_t kProbedRows = 5'000'000;

void append(preflight::Findings& to, preflight::Findings more) {
  std::move(more.begin(), more.end(), std::back_inserter(to));
}

schema::MappingOptions mapping_of(const pipeline::PipelineSpec& spec) {
  schema::MappingOptions options = spec.mapping;
  options.target_schema = spec.target.schema;
  return options;
}

/// The rows' digits decide a numeric's scale only where a later value that does not fit is noticed. Elsewhere SQL
/// Server would round it in silence, so there such a column keeps its digits as text.
std::map<std::string, schema::ColumnFacts> column_facts(const pipeline::EngineTraits& traits,
                                                        postgres::Connection& source,
                                                        const schema::SourceTable& table) {
  auto facts = postgres::probe_columns(source, table, kProbedRows);
  if (!traits.notices_unfit_values) {
    for (auto& [column, fact] : facts) {
      fact.max_integer_digits.reset();
      fact.max_scale.reset();
    }
  }
  return facts;
}

/// The catalog and the rows are two looks: a table that was changed between them is looked at again.
schema::TablePlan plan_source_table(const pipeline::EngineTraits& traits, postgres::Connection& source,
                                    schema::SourceTable table, const schema::MappingOptions& options) {
  constexpr int kTries = 5;
  for (int tries = 1;; ++tries) {
    try {
      return schema::plan_table(table, options, column_facts(traits, source, table));
    } catch (const postgres::QueryError& error) {
      const auto& state = error.sqlstate();
      const bool changed = state == "42703" || state == "42P01" || state == "42883" || state == "42804";
      if (!changed || tries == kTries) throw;
      table = postgres::read_tables(source, {table.name}).at(0);
    }
  }
}

void read_source_tables(PipelinePlan& plan, const pipeline::EngineTraits& traits, postgres::Connection& source,
                        const std::vector<schema::TableName>& names, const std::stop_token& stop) {
  const auto options = mapping_of(plan.spec);
  for (const auto& table : postgres::read_tables(source, names)) {
    check_stop(stop);
    plan.tables.push_back(plan_source_table(traits, source, table, options));
    if (traits.uses_topics) plan.topics.push_back(pipeline::topic_name(plan.names, table.name));
  }
}

bool any_partitioned(const PipelinePlan& plan) {
  return std::any_of(plan.tables.begin(), plan.tables.end(),
                     [](const auto& table) { return table.source.partitioned; });
}

/// A partition does not follow its root, so each is named.
void append_identity_changes(FullPlan& full, const schema::SourceTable& table) {
  const auto add = [&](const schema::TableName& name, schema::ReplicaIdentity identity, const std::string& index) {
    if (identity != schema::ReplicaIdentity::kFull) full.set_identity_full.push_back({name, identity, index});
  };
  add(table.name, table.replica_identity, table.replica_identity_index);
  for (const auto& leaf : table.partitions) add(leaf.name, leaf.replica_identity, leaf.replica_identity_index);
}

void check_source_side(FullPlan& full, const pipeline::EngineTraits& traits, postgres::Connection& source) {
  PipelinePlan& plan = full.plan;
  const auto facts = postgres::read_server_facts(source);
  std::vector<schema::TableName> names;
  for (const auto& table : plan.tables) names.push_back(table.source.name);

  const auto wanted = wanted_publication(plan);
  for (const auto& slot : facts.slots) plan.adopt_slot = plan.adopt_slot || slot.name == plan.names.slot;
  for (const auto& known : facts.publications) {
    plan.adopt_publication = plan.adopt_publication || known.name == plan.names.publication;
  }
  for (const auto& table : plan.tables) {
    if (plan.spec.toast == pipeline::ToastMode::kFull) append_identity_changes(full, table.source);
  }

  append(plan.findings, preflight::check_source({.server = facts,
                                                 .rights = postgres::read_table_rights(source, names),
                                                 .plans = plan.tables,
                                                 .slot = plan.names.slot,
                                                 .database = plan.spec.source.database,
                                                 .publication = wanted,
                                                 .publication_must_exist =
                                                     plan.spec.publication_mode == pipeline::PublicationMode::kDisabled,
                                                 .slot_failover = plan.spec.slot_failover,
                                                 .temporary_slots = traits.temporary_slots,
                                                 .inserts_only = traits.carries_inserts_only,
                                                 .sets_identity_full = !full.set_identity_full.empty()}));
  std::vector<schema::TableName> identity_full;
  for (const auto& before : full.set_identity_full) {
    identity_full.push_back(before.table);
    plan.source_statements.push_back(postgres::replica_identity_sql(before.table, schema::ReplicaIdentity::kFull));
  }
  if (!plan.adopt_publication) plan.source_statements.push_back(postgres::create_publication_sql(wanted));
  if (!plan.adopt_slot) {
    plan.source_statements.push_back(postgres::create_slot_sql(plan.names.slot, plan.spec.slot_failover));
  }
  plan.grant_script = preflight::grant_script({.user = plan.spec.source.user,
                                               .database = plan.spec.source.database,
                                               .publication = wanted,
                                               .cloud = facts.cloud,
                                               .identity_full = identity_full});
}

/// The schemas that hold the plan's target tables, the pipeline's own first.
std::vector<std::string> target_schemas(const PipelinePlan& plan) {
  std::vector<std::string> names{plan.spec.target.schema};
  for (const auto& table : plan.tables) {
    const auto& name = table.target.name.schema;
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  return names;
}

void check_target_schema(FullPlan& full, const pipeline::EngineTraits& traits, sqlserver::Session& target,
                         const std::string& schema) {
  PipelinePlan& plan = full.plan;
  preflight::TargetCheckInput input{.server = sqlserver::read_server_facts(target, schema),
                                    .schema = schema,
                                    .rows_on_target = traits.rows_on_target,
                                    .keeps_source_order = traits.keeps_source_order,
                                    .loads = plan.spec.snapshot != pipeline::SnapshotMode::kNoData};
  std::vector<schema::TableName> names;
  for (const auto& table : plan.tables) {
    if (table.target.name.schema != schema) continue;
    input.plans.push_back(table);
    names.push_back(table.target.name);
  }
  // Most of them are not there yet, and one question tells which.
  const auto rows = sqlserver::estimate_rows(target, names);
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (!rows[i]) continue;
    if (auto existing = sqlserver::read_table(target, names[i])) {
      full.existing_targets.insert(names[i]);
      input.existing[names[i]] = {std::move(*existing), sqlserver::read_obstacles(target, names[i])};
    }
  }
  append(plan.findings, preflight::check_target(input));
  if (!input.server.schema_exists && !input.plans.empty()) {
    full.create_schemas.push_back(schema);
    plan.target_ddl.push_back(schema::create_schema_sql(schema));
  }
}

void check_target_side(FullPlan& full, const pipeline::EngineTraits& traits, sqlserver::Session& target) {
  for (const auto& schema : target_schemas(full.plan)) check_target_schema(full, traits, target, schema);
  for (const auto& table : full.plan.tables) {
    if (!full.existing_targets.contains(table.target.name)) {
      full.plan.target_ddl.push_back(schema::create_table_sql(table.target));
    }
  }
}

void add_cross_table_issues(PipelinePlan& plan) {
  for (const auto& issue : schema::check_plans(plan.tables)) {
    plan.findings.push_back({"tables." + issue.id,
                             issue.fatal ? preflight::Severity::kError : preflight::Severity::kWarning, issue.column,
                             issue.message, issue.fix});
  }
}

/// Whether the column was of its type already when the target's was chosen.
bool was_the_same(const std::vector<schema::ColumnMapping>& before, const schema::SourceColumn& column) {
  return std::any_of(before.begin(), before.end(), [&](const schema::ColumnMapping& each) {
    return each.source.attnum == column.attnum && replication::same_type(each.source.type, column.type);
  });
}

/// Types that a look at the rows decided when the target table was made, of the columns `before`. All others go by what
/// the source declares now.
void keep_types(schema::TableOptions& options, const schema::TablePlan& plan,
                const std::vector<schema::ColumnMapping>& before, const schema::TargetTable& actual) {
  for (const auto& column : plan.columns) {
    const auto& type = column.source.type;
    if (!schema::typed_by_rows(type) || options.column_types.contains(column.source.name)) continue;
    const auto* found = actual.find_column(column.target.name);
    if (found == nullptr || found->type == column.target.type || !was_the_same(before, column.source)) continue;
    // Another sort of type is of another column, which had this name before.
    if (found->type.name == "decimal" || found->type.name == "nvarchar") {
      options.column_types[column.source.name] = found->type;
    }
  }
}

/// The findings about a pipeline's further tables: the rest of source and target was judged when it was made.
void check_tables(FullPlan& full, pipeline::Engine& engine, postgres::Connection& source, const std::stop_token& stop) {
  PipelinePlan& plan = full.plan;
  append(plan.findings, preflight::mapping_findings(plan.tables));
  add_cross_table_issues(plan);
  std::vector<schema::TableName> names;
  for (const auto& table : plan.tables) {
    names.push_back(table.source.name);
    if (plan.spec.toast == pipeline::ToastMode::kFull) append_identity_changes(full, table.source);
  }
  append(plan.findings, preflight::check_source_tables({.server = postgres::read_server_facts(source),
                                                        .rights = postgres::read_table_rights(source, names),
                                                        .plans = plan.tables,
                                                        .slot = plan.names.slot,
                                                        .database = plan.spec.source.database,
                                                        .publication = wanted_publication(plan),
                                                        .inserts_only = engine.traits(plan.spec).carries_inserts_only,
                                                        .sets_identity_full = !full.set_identity_full.empty()}));
  check_stop(stop);
  sqlserver::Session target(plan.spec.target);
  check_target_side(full, engine.traits(plan.spec), target);
  engine.complete_plan(plan, stop);
}

}  // namespace

postgres::PublicationSpec wanted_publication(const PipelinePlan& plan) {
  postgres::PublicationSpec wanted{.name = plan.names.publication,
                                   .all_tables = plan.spec.publication_mode == pipeline::PublicationMode::kAllTables,
                                   .truncates = pipeline::applies_truncates(plan.spec),
                                   .via_root = any_partitioned(plan)};
  for (const auto& table : plan.tables) wanted.tables.push_back(table.source.name);
  return wanted;
}

void check_stop(const std::stop_token& stop) {
  if (stop.stop_requested()) throw Error(ErrorCode::kInterrupted, "Stopped on request.");
}

FullPlan plan_pipeline(const pipeline::PipelineSpec& spec, pipeline::Engine& engine, const std::stop_token& stop) {
  FullPlan full;
  PipelinePlan& plan = full.plan;
  plan.spec = spec;
  plan.names = pipeline::derive_names(spec);
  const auto traits = engine.traits(spec);

  postgres::Connection source(spec.source);
  const auto chosen = schema::select_tables(spec.tables, spec.source.schema, postgres::list_tables(source));
  check_stop(stop);
  sqlserver::Session target(spec.target);
  check_stop(stop);

  read_source_tables(plan, traits, source, chosen, stop);
  append(plan.findings, preflight::mapping_findings(plan.tables));
  add_cross_table_issues(plan);
  check_source_side(full, traits, source);
  check_stop(stop);
  check_target_side(full, traits, target);
  check_stop(stop);
  engine.complete_plan(plan, stop);
  return full;
}

pipeline::PipelinePlan replan(const StoredPipeline& stored, pipeline::Engine& engine, const std::stop_token& stop) {
  PipelinePlan plan;
  plan.spec = stored.spec;
  // Of before Millrace loaded for this engine: its connector may still be busy with a snapshot of its own.
  const bool initial = plan.spec.snapshot == pipeline::SnapshotMode::kInitial;
  if (initial && engine.traits(plan.spec).manager_loads && !stored.resources.loaded) {
    plan.spec.snapshot = pipeline::SnapshotMode::kDebezium;
  }
  plan.names = pipeline::derive_names(stored.spec);
  postgres::Connection source(stored.spec.source);
  std::vector<schema::TableName> names;
  for (const auto& route : stored.resources.routes) names.push_back(route.source);
  read_source_tables(plan, engine.traits(plan.spec), source, names, stop);
  engine.complete_plan(plan, stop);
  return plan;
}

std::vector<schema::TablePlan> plan_unloaded(const StoredPipeline& stored, const std::vector<schema::TableName>& tables,
                                             std::vector<schema::TableName>& gone) {
  postgres::Connection source(stored.spec.source);
  const auto there = postgres::list_tables(source);
  std::vector<schema::TableName> names;
  for (const auto& table : tables) {
    (std::find(there.begin(), there.end(), table) == there.end() ? gone : names).push_back(table);
  }
  if (names.empty()) return {};
  sqlserver::Session target(stored.spec.target);
  std::map<schema::TableName, std::vector<schema::ColumnMapping>> before;
  for (const auto& state : sqlserver::read_table_states(target, stored.name)) {
    if (!state.shape.empty()) before[state.source] = replication::parse_shape(state.shape).plan.columns;
  }
  std::vector<schema::TablePlan> plans;
  for (const auto& table : postgres::read_tables(source, names)) {
    auto options = mapping_of(stored.spec);
    const auto plan = schema::plan_table(table, options);
    const auto actual = sqlserver::read_table(target, plan.target.name);
    if (actual) keep_types(options.tables[table.name], plan, before[table.name], *actual);
    plans.push_back(actual ? schema::plan_table(table, options) : plan);
  }
  // Options that name what is no more there would else be without effect: a column that was to be left out under its
  // former name would come along.
  refuse_errors(preflight::mapping_findings(plans), stored.name);
  return plans;
}

FullPlan plan_more_tables(const StoredPipeline& stored, const pipeline::PipelineSpec& spec, pipeline::Engine& engine,
                          const std::stop_token& stop) {
  FullPlan full;
  full.plan.spec = spec;
  full.plan.names = pipeline::derive_names(stored.spec);
  postgres::Connection source(spec.source);
  const auto chosen = schema::select_tables(spec.tables, spec.source.schema, postgres::list_tables(source));
  for (const auto& route : stored.resources.routes) {
    if (std::find(chosen.begin(), chosen.end(), route.source) == chosen.end()) continue;
    throw Error(ErrorCode::kUsage, "The pipeline has the table " + route.source.to_string() + " already.",
                {.pipeline = stored.name, .table = route.source.to_string(), .field = "tables"});
  }
  read_source_tables(full.plan, engine.traits(spec), source, chosen, stop);
  for (const auto& table : full.plan.tables) {
    for (const auto& route : stored.resources.routes) {
      if (schema::fold_case(route.target.to_string()) != schema::fold_case(table.target.name.to_string())) continue;
      full.plan.findings.push_back({"tables.name.collision", preflight::Severity::kError, table.source.name.to_string(),
                                    route.source.to_string() + " is written to the same target table",
                                    "Give it another target name with --rename."});
    }
  }
  check_tables(full, engine, source, stop);
  return full;
}

FullPlan plan_one_table(const StoredPipeline& stored, const schema::TableName& table, pipeline::Engine& engine,
                        const std::stop_token& stop) {
  FullPlan full;
  full.plan.spec = stored.spec;
  full.plan.names = pipeline::derive_names(stored.spec);
  postgres::Connection source(stored.spec.source);
  read_source_tables(full.plan, engine.traits(stored.spec), source, {table}, stop);
  append(full.plan.findings, preflight::mapping_findings(full.plan.tables));
  return full;
}

void refuse_errors(const preflight::Findings& findings, const std::string& pipeline) {
  if (!preflight::has_errors(findings)) return;
  Error error(ErrorCode::kPreflightFailed, "Preflight found what must be fixed first.", {.pipeline = pipeline});
  for (const auto& finding : findings) {
    if (finding.severity != preflight::Severity::kError) continue;
    error.note(fmt::format("{}{}{}: {}{}{}", finding.id, finding.object.empty() ? "" : " ", finding.object,
                           finding.found, finding.fix.empty() ? "" : " → ", finding.fix));
  }
  throw error;
}

pipeline::PipelinePlan stored_plan(const StoredPipeline& stored) {
  PipelinePlan plan;
  plan.spec = stored.spec;
  plan.names = pipeline::derive_names(stored.spec);
  for (const auto& route : stored.resources.routes) {
    schema::TablePlan table;
    table.source.name = route.source;
    table.target.name = route.target;
    table.key = route.key;
    plan.tables.push_back(std::move(table));
    if (!route.topic.empty()) plan.topics.push_back(route.topic);
  }
  return plan;
}

}  // namespace millrace::manager
