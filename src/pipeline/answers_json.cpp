#include "pipeline/answers_json.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "pipeline/words.hpp"
#include "schema/target_ddl.hpp"
#include "support/json_nullable.hpp"

namespace millrace::pipeline {
namespace {

using nlohmann::ordered_json;

ordered_json connector_json(const ConnectorStatus& connector) {
  ordered_json tasks = ordered_json::array();
  for (const auto& task : connector.tasks) {
    ordered_json item{{"id", task.id}, {"state", task.state}, {"worker", task.worker}};
    if (!task.root_cause.empty()) item["root_cause"] = task.root_cause;
    tasks.push_back(std::move(item));
  }
  ordered_json value{{"name", connector.name}, {"kind", connector.kind}, {"state", connector.state}};
  if (!connector.root_cause.empty()) value["root_cause"] = connector.root_cause;
  value["tasks"] = std::move(tasks);
  return value;
}

ordered_json table_json(const PipelinePlan& plan, const schema::TablePlan& table) {
  ordered_json columns = ordered_json::array();
  for (const auto& column : table.columns) {
    columns.push_back({{"name", column.source.name},
                       {"target_name", column.target.name},
                       {"source_type", column.source.type.declared},
                       {"target_type", column.target.type.to_string()},
                       {"nullable", column.target.nullable},
                       {"key", column.key},
                       {"policy", column.policy ? ordered_json(to_word(*column.policy)) : ordered_json(nullptr)},
                       {"notes", column.notes}});
  }
  const auto ddl = schema::create_table_sql(table.target);
  const bool made = std::find(plan.target_ddl.begin(), plan.target_ddl.end(), ddl) != plan.target_ddl.end();
  const bool counted = table.source.estimated_rows >= 0;
  return {
      {"source", table.source.name.to_string()},
      {"target", table.target.name.to_string()},
      {"key", table.key},
      {"key_kind", to_word(table.key_kind)},
      {"estimated_rows", counted ? ordered_json(table.source.estimated_rows) : ordered_json(nullptr)},
      {"bytes", table.source.bytes},
      {"exists", !made},
      {"ddl", made ? ddl : ""},
      {"topic", plan.topics.empty() ? ordered_json(nullptr) : ordered_json(topic_name(plan.names, table.source.name))},
      {"columns", columns},
      {"left_out", table.left_out}};
}

}  // namespace

ConnectorConfig without_secrets(const ConnectorConfig& config) {
  ConnectorConfig shown = config;
  for (auto& [key, value] : shown) {
    const bool secret = key.find("password") != std::string::npos || key.find("secret") != std::string::npos ||
                        key.find("jaas") != std::string::npos || key.find("token") != std::string::npos;
    // A reference to a config provider is no secret, and a user wants to see it.
    const bool reference = value.starts_with("${") && value.ends_with("}");
    if (secret && !reference) value = "***";
  }
  return shown;
}

ordered_json findings_json(const preflight::Findings& findings) {
  ordered_json list = ordered_json::array();
  for (const auto& finding : findings) {
    ordered_json item{{"id", finding.id}, {"severity", preflight::to_string(finding.severity)}};
    if (!finding.object.empty()) item["object"] = finding.object;
    item["found"] = finding.found;
    if (!finding.fix.empty()) item["fix"] = finding.fix;
    list.push_back(std::move(item));
  }
  return list;
}

ordered_json status_json(const PipelineStatus& status) {
  ordered_json connectors = ordered_json::array();
  for (const auto& connector : status.connectors) connectors.push_back(connector_json(connector));
  ordered_json tables = ordered_json::array();
  for (const auto& table : status.tables) {
    tables.push_back({{"source", table.source},
                      {"target", table.target},
                      {"topic", table.topic},
                      {"load_state", table.load_state.empty() ? ordered_json(nullptr) : ordered_json(table.load_state)},
                      {"loaded_rows", nullable(table.loaded_rows)},
                      {"estimated_rows", nullable(table.estimated_rows)},
                      {"rows", nullable(table.target_rows)},
                      {"messages", nullable(table.messages)},
                      {"lag_messages", nullable(table.lag_messages)},
                      {"last_change_ms", nullable(table.last_change_ms)}});
  }
  return {{"pipeline", status.pipeline},
          {"state", to_string(status.state)},
          {"reason", status.reason},
          {"engine", status.engine},
          {"schema_policy", status.schema_policy.empty() ? ordered_json(nullptr) : ordered_json(status.schema_policy)},
          {"process", status.process.empty() ? ordered_json(nullptr) : ordered_json(status.process)},
          {"applied_lsn", status.applied_lsn.empty() ? ordered_json(nullptr) : ordered_json(status.applied_lsn)},
          {"apply_lag_bytes", nullable(status.apply_lag_bytes)},
          {"apply_lag_s", nullable(status.apply_lag_s)},
          {"changes_per_s", nullable(status.changes_per_s)},
          {"slot",
           {{"active", nullable(status.slot_active)},
            {"lag_bytes", nullable(status.slot_lag_bytes)},
            {"retained_bytes", nullable(status.slot_retained_bytes)},
            {"wal_status", status.slot_wal_status}}},
          {"sink_lag_messages", nullable(status.sink_lag_messages)},
          {"last_change_ms", nullable(status.last_change_ms)},
          {"connectors", connectors},
          {"tables", tables},
          {"warnings", status.warnings}};
}

ordered_json plan_json(const PipelinePlan& plan) {
  ordered_json tables = ordered_json::array();
  for (const auto& table : plan.tables) tables.push_back(table_json(plan, table));
  ordered_json connectors = ordered_json::object();
  for (const auto& [name, config] : plan.connectors) connectors[name] = without_secrets(config);
  ordered_json reasons = ordered_json::object();
  for (const auto& [name, keys] : plan.connector_reasons) reasons[name] = keys;
  return {{"pipeline", plan.names.pipeline},
          {"engine", to_word(plan.spec.engine)},
          {"schema_policy", plan.spec.engine == EngineKind::kEmbedded
                                ? ordered_json(to_text(plan.spec.embedded.schema_policy))
                                : ordered_json(nullptr)},
          {"slot", plan.names.slot},
          {"publication", plan.names.publication},
          {"adopts_slot", plan.adopt_slot},
          {"adopts_publication", plan.adopt_publication},
          {"blocked", preflight::has_errors(plan.findings)},
          {"findings", findings_json(plan.findings)},
          {"tables", tables},
          {"source_statements", plan.source_statements},
          {"target_ddl", plan.target_ddl},
          {"grant_script", plan.grant_script},
          {"topics", plan.topics},
          {"connectors", connectors},
          {"connector_reasons", reasons}};
}

}  // namespace millrace::pipeline
