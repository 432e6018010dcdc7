#include "manager/create_pipeline.hpp"

#include <fmt/format.h>

#include <utility>

#include "manager/plan_pipeline.hpp"
#include "manager/target_schema.hpp"
#include "manager/undo.hpp"
#include "postgres/publication.hpp"
#include "postgres/slot.hpp"
#include "replication/apply_sql.hpp"
#include "replication/standalone_load.hpp"
#include "schema/target_ddl.hpp"
#include "sqlserver/session.hpp"
#include "support/error.hpp"
#include "support/failpoint.hpp"

namespace millrace::manager {
namespace {

/// One create, step by step. What a step makes is written down before it is made, so that `delete` can clean up after
/// a process that died in between; taking back is safe when the thing was never made.
class Creation {
 public:
  Creation(Registry& registry, pipeline::Engine& engine, const pipeline::Progress& progress,
           const std::stop_token& stop)
      : registry_(registry), engine_(engine), progress_(progress), stop_(stop) {}

  CreateResult run(const pipeline::PipelineSpec& spec) {
    name_ = pipeline::derive_names(spec).pipeline;
    registry_.reserve(name_, spec);
    hit(Failpoint::kCreateReserved);
    try {
      return build(spec);
    } catch (Error& error) {
      take_back(error);
      throw;
    } catch (const std::exception& unexpected) {
      Error error(ErrorCode::kInternal, "Creating the pipeline failed unexpectedly.", {.pipeline = name_});
      error.because(unexpected.what());
      take_back(error);
      throw error;
    }
  }

 private:
  CreateResult build(const pipeline::PipelineSpec& spec) {
    say("checking source, target and engine");
    full_ = plan_pipeline(spec, engine_, stop_);
    refuse_errors(full_.plan.findings, name_);
    say(fmt::format("preflight passed for {} table(s)", full_.plan.tables.size()));
    for (std::size_t i = 0; i < full_.plan.tables.size(); ++i) {
      const auto& table = full_.plan.tables[i];
      const auto topic = i < full_.plan.topics.size() ? full_.plan.topics[i] : std::string();
      resources_.routes.push_back({table.source.name, table.target.name, topic, table.key});
    }
    create_target_tables();
    set_replica_identities();
    create_publication();
    create_slot();
    load_tables();
    start_engine();
    hit(Failpoint::kCreateStarted);
    registry_.save(name_, "active", resources_);
    return result();
  }

  void say(const std::string& line) const {
    if (progress_) progress_(line);
  }

  void intend() { registry_.save(name_, "creating", resources_); }

  void create_target_tables() {
    const auto& plan = full_.plan;
    check_stop(stop_);
    sqlserver::Session target(plan.spec.target);
    for (const auto& schema : full_.create_schemas) {
      if (make_target_schema(target, plan.spec.target, schema, undo_)) {
        say("created schema " + schema::quote_mssql(schema));
      }
    }
    for (const auto& table : plan.tables) {
      check_stop(stop_);
      if (full_.existing_targets.contains(table.target.name)) continue;
      const auto quoted = schema::quote_mssql(table.target.name);
      resources_.target_tables.push_back(table.target.name);
      intend();
      undo_.add("table " + quoted, [endpoint = plan.spec.target, name = table.target.name] {
        sqlserver::Session(endpoint).execute(schema::drop_table_sql(name));
      });
      target.execute(schema::create_table_sql(table.target));
      hit(Failpoint::kCreateTable);
      say("created table " + quoted);
    }
  }

  void set_replica_identities() {
    if (full_.set_identity_full.empty()) return;
    postgres::Connection source(full_.plan.spec.source);
    for (const auto& before : full_.set_identity_full) {
      check_stop(stop_);
      resources_.replica_identity.push_back(before);
      intend();
      undo_.add("REPLICA IDENTITY FULL of " + schema::quote_pg(before.table),
                [endpoint = full_.plan.spec.source, before] { restore_replica_identity(endpoint, before); });
      source.execute(postgres::replica_identity_sql(before.table, schema::ReplicaIdentity::kFull));
      say("set REPLICA IDENTITY FULL on " + schema::quote_pg(before.table));
    }
  }

  void create_publication() {
    const auto& plan = full_.plan;
    if (plan.adopt_publication) {
      say("uses the existing publication " + plan.names.publication);
      return;
    }
    check_stop(stop_);
    resources_.publication = true;
    intend();
    undo_.add("publication " + plan.names.publication, [endpoint = plan.spec.source, name = plan.names.publication] {
      postgres::Connection source(endpoint);
      postgres::drop_publication(source, name);
    });
    postgres::Connection source(plan.spec.source);
    postgres::create_publication(source, wanted_publication(plan));
    hit(Failpoint::kCreatePublication);
    say("created publication " + plan.names.publication);
  }

  void create_slot() {
    const auto& plan = full_.plan;
    if (plan.adopt_slot) {
      say("uses the existing slot " + plan.names.slot);
      return;
    }
    check_stop(stop_);
    resources_.slot = true;
    intend();
    undo_.add("slot " + plan.names.slot, [endpoint = plan.spec.source, name = plan.names.slot] {
      postgres::Connection source(endpoint);
      postgres::drop_slot(source, name);
    });
    postgres::Connection source(plan.spec.source);
    postgres::create_slot(source, plan.names.slot, {.failover = plan.spec.slot_failover});
    hit(Failpoint::kCreateAfterSlot);
    say("created slot " + plan.names.slot);
  }

  /// After the slot: what commits in between comes twice, and nothing is missing.
  void load_tables() {
    const auto& plan = full_.plan;
    if (!engine_.traits(plan.spec).manager_loads) return;
    check_stop(stop_);
    const auto& options = plan.spec.kafka;
    const replication::LoadWatch watch{
        .say = [this](const std::string& line) { say(line); },
        .filling = [this](const schema::TableName& table, bool referenced) { undo_filling(table, referenced); }};
    replication::load_standalone({.pipeline = name_,
                                  .source = plan.spec.source,
                                  .target = plan.spec.target,
                                  .slot = plan.names.slot,
                                  .tables = plan.tables,
                                  .policy = options.load_policy,
                                  .workers = options.load_workers},
                                 watch, stop_);
    resources_.loaded = true;
    intend();
  }

  /// A table that was there before stays, without the rows of a load that counts for nothing.
  void undo_filling(const schema::TableName& table, bool referenced) {
    if (!full_.existing_targets.contains(table)) return;
    undo_.add("loaded rows of " + schema::quote_mssql(table), [endpoint = full_.plan.spec.target, table, referenced] {
      sqlserver::Session(endpoint).execute(replication::truncate_sql(table, referenced).text);
    });
  }

  void start_engine() {
    check_stop(stop_);
    resources_.connectors = true;
    intend();
    engine_.start(full_.plan, progress_, stop_);
  }

  void take_back(Error& error) {
    if (undo_.run(error)) {
      registry_.forget(name_);
      return;
    }
    registry_.save(name_, "failed", resources_);
    error.note("millrace delete " + name_ + " removes the rest when the server is back");
  }

  CreateResult result() const {
    const auto& plan = full_.plan;
    CreateResult made{.pipeline_id = plan.names.pipeline,
                      .kafka_topics = plan.topics,
                      .status = "active",
                      .runs_in_process = engine_.traits(plan.spec).runs_in_process};
    if (!plan.connectors.empty()) {
      made.debezium_connector_name = plan.names.source_connector;
      made.sink_connector_name = plan.names.sink_connector;
    }
    for (const auto& finding : plan.findings) {
      if (finding.severity == preflight::Severity::kWarning) made.warnings.push_back(finding);
    }
    return made;
  }

  Registry& registry_;
  pipeline::Engine& engine_;
  const pipeline::Progress& progress_;
  const std::stop_token& stop_;
  std::string name_;
  FullPlan full_;
  Resources resources_;
  Undo undo_;
};

}  // namespace

CreateResult create_pipeline(Registry& registry, pipeline::Engine& engine, const pipeline::PipelineSpec& spec,
                             const pipeline::Progress& progress, const std::stop_token& stop) {
  return Creation(registry, engine, progress, stop).run(spec);
}

}  // namespace millrace::manager
