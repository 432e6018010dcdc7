#include "manager/change_tables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "manager/plan_pipeline.hpp"
#include "manager/target_schema.hpp"
#include "manager/undo.hpp"
#include "postgres/publication.hpp"
#include "replication/table_changes.hpp"
#include "schema/drift.hpp"
#include "schema/table_selection.hpp"
#include "schema/target_ddl.hpp"
#include "sqlserver/catalog.hpp"
#include "sqlserver/session.hpp"
#include "sqlserver/table_in_use.hpp"
#include "support/error.hpp"

namespace millrace::manager {
namespace {

std::vector<schema::TableName> source_names(const std::vector<schema::TablePlan>& plans) {
  std::vector<schema::TableName> names;
  names.reserve(plans.size());
  for (const auto& plan : plans) names.push_back(plan.source.name);
  return names;
}

/// The pipeline's tables that the words mean. Throws Error kTableNotFound with the nearest names.
std::vector<schema::TableName> own_tables(const StoredPipeline& stored, const std::vector<std::string>& words) {
  std::vector<schema::TableName> known;
  known.reserve(stored.resources.routes.size());
  for (const auto& route : stored.resources.routes) known.push_back(route.source);
  try {
    return schema::select_tables(words, stored.spec.source.schema, known);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kTableNotFound) throw;
    Error own(ErrorCode::kTableNotFound, "Not among the tables of " + stored.name + ".",
              {.pipeline = stored.name, .field = "tables"});
    own.because(error.message());
    for (const auto& hint : error.notes()) own.note(hint);
    throw own.suggest("`millrace status " + stored.name + "` lists its tables.");
  }
}

/// One addition, step by step, each taken back when a later one fails.
class Addition {
 public:
  Addition(Registry& registry, pipeline::Engine& engine, const StoredPipeline& stored,
           const pipeline::Progress& progress, const std::stop_token& stop)
      : registry_(registry), engine_(engine), stored_(stored), progress_(progress), stop_(stop) {}

  TableChangeResult run(const pipeline::PipelineSpec& spec) {
    full_ = plan_more_tables(stored_, spec, engine_, stop_);
    refuse_errors(full_.plan.findings, stored_.name);
    try {
      make();
    } catch (Error& error) {
      // What could not be taken back stays written down, for `delete`.
      if (undo_.run(error)) registry_.note(stored_.name, [this](Resources& resources) { forget(resources); });
      throw;
    }
    save_spec(spec);
    TableChangeResult result;
    for (const auto& table : full_.plan.tables) result.tables.push_back(table.source.name.to_string());
    for (const auto& finding : full_.plan.findings) {
      if (finding.severity == preflight::Severity::kWarning) result.warnings.push_back(finding);
    }
    return result;
  }

 private:
  void say(const std::string& line) const {
    if (progress_) progress_(line);
  }

  void make() {
    make_target_tables();
    set_identities();
    publish();
    check_stop(stop_);
    const auto& tables = full_.plan.tables;
    undo_.add("table states", [this, names = source_names(tables)] {
      replication::remove_table_states(stored_.spec.target, stored_.name, names);
    });
    replication::add_table_states(stored_.spec.target, stored_.name, tables,
                                  stored_.spec.snapshot == pipeline::SnapshotMode::kInitial);
    // Last: it tells a run that there is something new.
    registry_.change(stored_.name, [&](std::string&, Resources& resources) {
      for (const auto& table : tables) {
        resources.routes.push_back({table.source.name, table.target.name, "", table.key});
        std::erase(resources.removed, table.source.name);
      }
    });
  }

  /// What was written down of things that are gone again.
  void forget(Resources& resources) const {
    for (const auto& table : full_.plan.tables) {
      if (!full_.existing_targets.contains(table.target.name)) std::erase(resources.target_tables, table.target.name);
    }
    for (const auto& before : full_.set_identity_full) {
      std::erase_if(resources.replica_identity, [&](const IdentityBefore& each) { return each.table == before.table; });
    }
  }

  /// With what others stored meanwhile.
  void save_spec(const pipeline::PipelineSpec& added) {
    constexpr int kTries = 10;
    for (int attempt = 1;; ++attempt) {
      const auto now = registry_.load(stored_.name);
      auto whole = now.spec;
      whole.tables.insert(whole.tables.end(), added.tables.begin(), added.tables.end());
      for (const auto& [table, options] : added.mapping.tables) {
        const bool own = std::any_of(full_.plan.tables.begin(), full_.plan.tables.end(),
                                     [&](const auto& each) { return each.source.name == table; });
        if (own || !whole.mapping.tables.contains(table)) whole.mapping.tables[table] = options;
      }
      try {
        return registry_.save_spec(stored_.name, whole, now.revision);
      } catch (const Error& error) {
        if (error.code() != ErrorCode::kObjectChanged || attempt == kTries) throw;
      }
    }
  }

  void make_target_tables() {
    sqlserver::Session target(stored_.spec.target);
    for (const auto& schema : full_.create_schemas) {
      check_stop(stop_);
      make_target_schema(target, stored_.spec.target, schema, undo_);
    }
    for (const auto& table : full_.plan.tables) {
      check_stop(stop_);
      if (full_.existing_targets.contains(table.target.name)) continue;
      // Written down before a thing is made, so that `delete` knows of it whatever happens.
      registry_.note(stored_.name, [&](Resources& resources) { resources.target_tables.push_back(table.target.name); });
      const auto quoted = schema::quote_mssql(table.target.name);
      undo_.add("table " + quoted, [this, name = table.target.name] {
        sqlserver::Session(stored_.spec.target).execute(schema::drop_table_sql(name));
      });
      target.execute(schema::create_table_sql(table.target));
      say("created table " + quoted);
    }
  }

  void set_identities() {
    if (full_.set_identity_full.empty()) return;
    postgres::Connection source(stored_.spec.source);
    for (const auto& before : full_.set_identity_full) {
      check_stop(stop_);
      registry_.note(stored_.name, [&](Resources& resources) { resources.replica_identity.push_back(before); });
      undo_.add("REPLICA IDENTITY FULL of " + schema::quote_pg(before.table),
                [this, before] { restore_replica_identity(stored_.spec.source, before); });
      source.execute(postgres::replica_identity_sql(before.table, schema::ReplicaIdentity::kFull));
    }
  }

  void publish() {
    check_stop(stop_);
    const auto& name = full_.plan.names.publication;
    const auto names = source_names(full_.plan.tables);
    postgres::Connection source(stored_.spec.source);
    const auto known = postgres::find_publication(source, name);
    if (!known) throw Error(ErrorCode::kPublicationMissing, "The publication " + name + " is not there any more.");
    if (known->all_tables) return;
    if (!stored_.resources.publication) return require_members(*known, names);
    const bool partitioned = std::any_of(full_.plan.tables.begin(), full_.plan.tables.end(),
                                         [](const auto& table) { return table.source.partitioned; });
    if (partitioned && !known->via_root) postgres::publish_via_root(source, name);
    undo_.add("tables of publication " + name, [this, name, names] {
      postgres::Connection connection(stored_.spec.source);
      postgres::drop_from_publication(connection, name, names);
    });
    postgres::add_to_publication(source, name, names);
    say("added to publication " + name);
  }

  /// A publication that somebody else made is theirs to change.
  static void require_members(const postgres::PublicationFacts& known, const std::vector<schema::TableName>& names) {
    for (const auto& table : names) {
      if (std::find(known.tables.begin(), known.tables.end(), table) != known.tables.end()) continue;
      throw Error(
          ErrorCode::kPublicationUnfit,
          "The publication " + known.name + " was not made by Millrace and lacks the table " + table.to_string() + ".",
          {.table = table.to_string()})
          .suggest("ALTER PUBLICATION " + schema::quote_pg(known.name) + " ADD TABLE " + schema::quote_pg(table) + ";");
    }
  }

  Registry& registry_;
  pipeline::Engine& engine_;
  const StoredPipeline& stored_;
  const pipeline::Progress& progress_;
  const std::stop_token& stop_;
  FullPlan full_;
  Undo undo_;
};

/// Columns of the target table that went from the source, as the policy of the pipeline follows that. Throws Error
/// kTargetDrift for what would be lost if the table was made anew and nobody said that it may.
std::vector<std::string> judge_surplus(const StoredPipeline& stored, const schema::TablePlan& plan, bool recreate,
                                       ReloadReason reason) {
  auto surplus = replication::read_surplus(stored.spec.target, stored.name, plan);
  if (stored.spec.embedded.schema_policy.drop_column != pipeline::SchemaPolicy::kApply) {
    for (const auto& column : std::exchange(surplus.former, {})) surplus.added.push_back("column " + column);
  }
  const bool another = recreate || stored.spec.embedded.load_policy == pipeline::LoadPolicy::kSwap;
  if (!another || reason == ReloadReason::kAsked || surplus.added.empty()) return surplus.former;
  throw Error(ErrorCode::kTargetDrift,
              fmt::format("The target table {} has to be made anew, and its {} would be lost.",
                          plan.target.name.to_string(), fmt::join(surplus.added, ", ")),
              {.table = plan.source.name.to_string()});
}

}  // namespace

TableChangeResult add_tables(Registry& registry, pipeline::Engine& engine, const StoredPipeline& stored,
                             const pipeline::PipelineSpec& spec, const pipeline::Progress& progress,
                             const std::stop_token& stop) {
  return Addition(registry, engine, stored, progress, stop).run(spec);
}

TableChangeResult remove_tables(Registry& registry, const StoredPipeline& stored, const std::vector<std::string>& words,
                                bool drop_tables, const pipeline::Progress& progress, const std::stop_token& stop) {
  const auto chosen = own_tables(stored, words);
  const auto is_chosen = [&](const schema::TableName& name) {
    return std::find(chosen.begin(), chosen.end(), name) != chosen.end();
  };
  if (chosen.size() == stored.resources.routes.size()) {
    throw Error(ErrorCode::kUsage, "These are all tables of the pipeline.",
                {.pipeline = stored.name, .field = "tables"})
        .suggest("`millrace delete " + stored.name + "` removes the pipeline.");
  }
  const auto say = [&](const std::string& line) {
    if (progress) progress(line);
  };
  check_stop(stop);
  TableChangeResult result;
  for (const auto& name : chosen) result.tables.push_back(name.to_string());
  // Each step can be done again: after a failure the same command goes on. The pipeline counts as changed before and
  // after, so that a run that stumbles over a stage that is gone looks again.
  registry.touch(stored.name);
  replication::remove_table_states(stored.spec.target, stored.name, chosen);
  registry.touch(stored.name);
  const Resources& left = stored.resources;
  if (left.publication) {
    postgres::Connection source(stored.spec.source);
    const auto publication = pipeline::derive_names(stored.spec).publication;
    postgres::drop_from_publication(source, publication, chosen);
    say("removed from publication " + publication);
  }
  for (const auto& before : left.replica_identity) {
    if (is_chosen(before.table)) restore_replica_identity(stored.spec.source, before);
  }
  std::vector<schema::TableName> targets;
  for (const auto& route : stored.resources.routes) {
    const auto made = std::find(left.target_tables.begin(), left.target_tables.end(), route.target);
    if (!is_chosen(route.source) || made == left.target_tables.end()) continue;
    const auto what = "table " + schema::quote_mssql(route.target);
    if (drop_tables) {
      sqlserver::Session target(stored.spec.target);
      sqlserver::drop_table_from_run(target, route.target);
      say("removed " + what);
    } else {
      result.kept.push_back(what + ": target tables stay unless --drop-tables is given");
    }
    targets.push_back(route.target);
  }
  registry.change(stored.name, [&](std::string&, Resources& resources) {
    std::erase_if(resources.replica_identity, [&](const auto& before) { return is_chosen(before.table); });
    for (const auto& table : targets) std::erase(resources.target_tables, table);
    for (const auto& table : chosen) {
      if (std::find(resources.removed.begin(), resources.removed.end(), table) == resources.removed.end()) {
        resources.removed.push_back(table);
      }
    }
    std::erase_if(resources.routes, [&](const TableRoute& route) { return is_chosen(route.source); });
  });
  return result;
}

TableChangeResult reload_table(Registry& registry, pipeline::Engine& engine, const StoredPipeline& stored,
                               const std::string& word, const pipeline::Progress& progress, const std::stop_token& stop,
                               ReloadReason reason) {
  const auto chosen = own_tables(stored, {word});
  if (chosen.size() != 1) {
    throw Error(ErrorCode::kUsage, "Name one table to reload.", {.pipeline = stored.name, .field = "table"});
  }
  const auto full = plan_one_table(stored, chosen.front(), engine, stop);
  refuse_errors(full.plan.findings, stored.name);
  schema::TablePlan plan = full.plan.tables.at(0);
  bool recreate = false;
  {
    sqlserver::Session target(stored.spec.target);
    const auto actual = sqlserver::read_table(target, plan.target.name);
    const auto& made = stored.resources.target_tables;
    const bool ours = std::find(made.begin(), made.end(), plan.target.name) != made.end();
    recreate = !actual;
    if (actual) {
      for (const auto& drift : schema::compare_tables(plan.target, *actual)) {
        if (drift.fatal && !ours) {
          throw Error(ErrorCode::kTargetDrift,
                      "The target table " + plan.target.name.to_string() + " does not fit: " + drift.message,
                      {.table = plan.source.name.to_string(), .column = drift.column})
              .suggest(drift.fix.empty() ? "Correct the target table." : drift.fix);
        }
        // Swapped, the rows that are there can be read until a table that fits takes the place.
        recreate = recreate || (drift.fatal && stored.spec.embedded.load_policy != pipeline::LoadPolicy::kSwap);
      }
    }
  }
  const auto former = judge_surplus(stored, plan, recreate, reason);
  check_stop(stop);
  // Before and after: a run that stumbles over the change in between finds that the pipeline was changed.
  registry.change(stored.name, [&](std::string&, Resources& resources) {
    for (auto& route : resources.routes) {
      if (route.source == plan.source.name) route.key = plan.key;
    }
  });
  replication::reset_table_state(stored.spec.target, stored.name, plan, recreate, former);
  registry.touch(stored.name);
  if (recreate && progress) progress("made " + schema::quote_mssql(plan.target.name) + " anew");
  return {.tables = {plan.source.name.to_string()}};
}

}  // namespace millrace::manager
