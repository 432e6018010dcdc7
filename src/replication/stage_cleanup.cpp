#include "replication/stage_cleanup.hpp"

#include <algorithm>
#include <vector>

#include "replication/shape_json.hpp"
#include "replication/table_binding.hpp"
#include "replication/table_swap.hpp"
#include "sqlserver/state_tables.hpp"
#include "sqlserver/table_in_use.hpp"

namespace millrace::replication {
namespace {

/// "stage_<hash>_": what the stages of all versions of a table's shape begin with.
std::string prefix_of(const std::string& owner, const schema::TableName& source) {
  const auto name = stage_name(owner, source, 1).name;
  return name.substr(0, name.rfind('_') + 1);
}

std::vector<std::string> stages(sqlserver::Session& session) {
  std::vector<std::string> names;
  for (const auto& row : session.query("SELECT t.name FROM sys.tables AS t JOIN sys.schemas AS s ON s.schema_id = "
                                       "t.schema_id WHERE s.name = N'millrace' AND t.name LIKE N'stage[_]%'")) {
    names.push_back(row.at(0).value());
  }
  return names;
}

/// `keep`: the stages that are in use.
void drop(sqlserver::Session& session, const std::vector<std::string>& prefixes, const std::vector<std::string>& keep) {
  if (prefixes.empty()) return;
  for (const auto& name : stages(session)) {
    const bool ours = std::any_of(prefixes.begin(), prefixes.end(),
                                  [&](const std::string& prefix) { return name.starts_with(prefix); });
    if (!ours || std::find(keep.begin(), keep.end(), name) != keep.end()) continue;
    sqlserver::drop_table_from_run(session, {kStateSchema, name});
  }
}

}  // namespace

std::string verify_stage_owner(const std::string& pipeline) {
  return pipeline + "/verify";
}

std::string repair_lock(const std::string& pipeline) {
  return "millrace.verify." + pipeline;
}

bool lock_repair(sqlserver::Session& session, const std::string& pipeline) {
  const auto got = session.query(
      "SET NOCOUNT ON; DECLARE @r int; EXEC @r = sp_getapplock @Resource = ?, @LockMode = 'Exclusive', "
      "@LockOwner = 'Session', @LockTimeout = 0; SELECT @r",
      {repair_lock(pipeline)});
  return !got.empty() && std::stoi(got.at(0).at(0).value_or("-1")) >= 0;
}

void drop_leftover_stages(sqlserver::Session& session, const std::string& pipeline) {
  std::vector<std::string> prefixes;
  std::vector<std::string> keep;
  for (const auto& state : sqlserver::read_table_states(session, pipeline)) {
    prefixes.push_back(prefix_of(pipeline, state.source));
    if (state.state == "removed") continue;
    const int version = state.shape.empty() ? 1 : parse_shape(state.shape).version;
    keep.push_back(stage_name(pipeline, state.source, version).name);
  }
  drop(session, prefixes, keep);
  if (!lock_repair(session, pipeline)) return;
  drop_repair_stages(session, pipeline);
  session.execute("EXEC sp_releaseapplock @Resource = ?, @LockOwner = 'Session'", {repair_lock(pipeline)});
}

void drop_repair_stages(sqlserver::Session& session, const std::string& pipeline) {
  std::vector<std::string> prefixes;
  for (const auto& state : sqlserver::read_table_states(session, pipeline)) {
    prefixes.push_back(prefix_of(verify_stage_owner(pipeline), state.source));
  }
  drop(session, prefixes, {});
}

void drop_stages_of(sqlserver::Session& session, const std::string& pipeline, const schema::TableName& source) {
  drop(session, {prefix_of(pipeline, source), prefix_of(verify_stage_owner(pipeline), source)}, {});
}

void drop_all_stages(sqlserver::Session& session, const std::string& pipeline) {
  std::vector<std::string> prefixes;
  for (const auto& state : sqlserver::read_table_states(session, pipeline)) {
    prefixes.push_back(prefix_of(pipeline, state.source));
    prefixes.push_back(prefix_of(verify_stage_owner(pipeline), state.source));
    drop_beside(session, pipeline, state.source, state.target);
  }
  drop(session, prefixes, {});
}

}  // namespace millrace::replication
