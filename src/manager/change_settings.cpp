#include "manager/change_settings.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "manager/entry.hpp"
#include "manager/plan_pipeline.hpp"
#include "pipeline/judge_hosts.hpp"
#include "pipeline/named_files.hpp"
#include "pipeline/spec_json.hpp"
#include "postgres/server_facts.hpp"
#include "sqlserver/session.hpp"
#include "sqlserver/state_tables.hpp"
#include "support/error.hpp"

namespace millrace::manager {
namespace {

using nlohmann::json;

const std::map<std::string, std::set<std::string>>& changeable_members() {
  static const std::map<std::string, std::set<std::string>> kMembers{
      {"source", {"host", "port", "user", "password", "sslmode", "sslrootcert"}},
      {"target", {"host", "port", "user", "password", "encrypt", "trust_server_certificate"}},
      {"mapping", {"value_policy", "tables"}},
      {"embedded", {"load_policy", "schema_policy", "poison", "load_workers"}}};
  return kMembers;
}

[[noreturn]] void refuse(const std::string& field, const std::string& why) {
  throw Error(ErrorCode::kUsage, field + " " + why + ".", {.field = field});
}

void check_table_members(const json& tables) {
  if (!tables.is_object()) refuse("mapping.tables", "must be a mapping from schema.table to its options");
  for (const auto& [table, options] : tables.items()) {
    const auto field = "mapping.tables." + table;
    if (options.is_null()) continue;
    if (!options.is_object()) refuse(field, "must be a mapping of options");
    for (const auto& [name, value] : options.items()) {
      // Where a table's rows are, and by which key, is settled when it is added.
      if (name == "rename" || name == "key_columns") refuse(field + "." + name, "cannot change: add the table anew");
    }
  }
}

void check_members(const json& patch) {
  if (!patch.is_object()) throw Error(ErrorCode::kUsage, "The change is not a JSON object.");
  for (const auto& [room, members] : patch.items()) {
    const auto known = changeable_members().find(room);
    if (known == changeable_members().end()) refuse(room, "cannot change while the pipeline lives");
    if (!members.is_object()) refuse(room, "must be a mapping");
    for (const auto& [name, value] : members.items()) {
      const auto field = room + "." + name;
      if (!known->second.contains(name)) refuse(field, "cannot change while the pipeline lives");
      if (value.is_null()) refuse(field, "cannot be taken away: give it a value");
    }
  }
  if (const auto mapping = patch.find("mapping"); mapping != patch.end() && mapping->contains("tables")) {
    check_table_members(mapping->at("tables"));
  }
}

/// A side that comes from a saved connection is changed there, for all that come from it.
void refuse_saved(const json& patch, const char* side, const std::string& connection) {
  const auto members = patch.find(side);
  if (connection.empty() || members == patch.end() || members->empty()) return;
  const auto field = std::string(side) + "." + members->begin().key();
  throw Error(ErrorCode::kUsage, field + " comes from a saved connection.", {.field = field})
      .suggest("Change the connection: every pipeline that comes from it follows.");
}

void require_password(const json& patch, const char* side, bool same_way) {
  if (same_way || patch.at(side).contains("password")) return;
  const auto field = std::string(side) + ".password";
  throw Error(ErrorCode::kSecretMissing, "The way to the server changes, so its password is asked for again.",
              {.field = field})
      .suggest("Send " + field + " together with the change.");
}

void try_source(const StoredPipeline& stored, const pipeline::PipelineSpec& spec) {
  postgres::Connection source(spec.source);
  const auto slot = pipeline::derive_names(stored.spec).slot;
  const auto slots = postgres::read_slots(source);
  if (std::any_of(slots.begin(), slots.end(), [&](const auto& known) { return known.name == slot; })) return;
  throw Error(ErrorCode::kSlotMissing, "The source at " + display_url(spec.source) + " has no slot " + slot + ".",
              {.pipeline = stored.name, .field = "source.host"})
      .suggest("Name the server that the pipeline was made on; for another one make another pipeline.");
}

void try_target(const StoredPipeline& stored, const pipeline::PipelineSpec& spec, bool has_checkpoint) {
  sqlserver::Session target(spec.target);
  if (!has_checkpoint || sqlserver::read_checkpoint(target, stored.name)) return;
  throw Error(ErrorCode::kPipelineState, "The target at " + display_url(spec.target) + " has no copy of this pipeline.",
              {.pipeline = stored.name, .field = "target.host"})
      .suggest("Name the server that holds the copy; for another one make another pipeline.");
}

}  // namespace

pipeline::PipelineSpec patched_spec(const pipeline::PipelineSpec& before, const json& patch) {
  check_members(patch);
  if (patch.contains("embedded") && before.engine != pipeline::EngineKind::kEmbedded) {
    refuse("embedded", "has no meaning for a pipeline that Kafka Connect carries");
  }
  refuse_saved(patch, "source", before.source.connection);
  refuse_saved(patch, "target", before.target.connection);
  json document = pipeline::to_json(before, true);
  document.merge_patch(patch);
  auto after = pipeline::spec_from_json(document);
  pipeline::require_complete(after);
  require_password(patch, "source", same_way(before.source, after.source));
  require_password(patch, "target", same_way(before.target, after.target));
  return after;
}

void confine_change(const pipeline::PipelineSpec& before, pipeline::PipelineSpec& after,
                    const std::filesystem::path& folder) {
  // What is stored already is not asked about again.
  if (after.source.sslrootcert != before.source.sslrootcert) pipeline::confine_files(after, folder);
}

void change_settings(Registry& registry, pipeline::Engine& engine, const StoredPipeline& stored,
                     const pipeline::PipelineSpec& spec, std::int64_t revision, const std::stop_token& stop) {
  const bool in_process = engine.traits(spec).runs_in_process;
  if (const auto& guard = registry.workspace().guard) pipeline::judge_hosts(spec, guard);
  if (!same_entry(stored.spec.source, spec.source)) try_source(stored, spec);
  check_stop(stop);
  if (!same_entry(stored.spec.target, spec.target)) try_target(stored, spec, in_process);
  check_stop(stop);
  registry.save_spec(stored.name, spec, revision);
  if (in_process) return;
  StoredPipeline changed = stored;
  changed.spec = spec;
  const auto plan = replan(changed, engine, stop);
  // Whoever paused it wants it to stay so.
  if (stored.state == "paused") return engine.redeploy(plan, stop);
  engine.restart(plan, stop);
}

}  // namespace millrace::manager
