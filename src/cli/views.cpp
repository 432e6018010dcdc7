#include "cli/views.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/answer_members.hpp"
#include "pipeline/answers_json.hpp"

namespace millrace::cli {
namespace {

using nlohmann::ordered_json;

std::string count_or_dash(const std::optional<std::int64_t>& value) {
  return value ? std::to_string(*value) : "-";
}

std::string word(const ordered_json& document, const char* member) {
  return document.value(member, "");
}

void heading(std::ostream& out, const std::string& text) {
  out << '\n' << text << '\n';
}

void show_columns(std::ostream& out, const ordered_json& table) {
  heading(out, word(table, "source") + " → " + word(table, "target"));
  std::vector<std::vector<std::string>> rows;
  for (const auto& column : table.at("columns")) {
    rows.push_back({"  " + word(column, "name"), word(column, "source_type"), word(column, "target_type"),
                    column.at("key").get<bool>()        ? "key"
                    : column.at("nullable").get<bool>() ? ""
                                                        : "not null",
                    fmt::format("{}", fmt::join(column.at("notes").get<std::vector<std::string>>(), "; "))});
  }
  print_table(out, {"  COLUMN", "POSTGRESQL", "SQL SERVER", "", ""}, rows, "  no columns");
}

void show_statements(std::ostream& out, const std::string& title, const ordered_json& statements) {
  if (statements.empty()) return;
  heading(out, title);
  for (const auto& statement : statements) out << statement.get<std::string>() << ";\n";
}

void show_connector(std::ostream& out, const ordered_json& plan, const std::string& name, const ordered_json& config,
                    bool explain) {
  heading(out, "Connector " + name);
  const auto all_reasons = plan.value("connector_reasons", ordered_json::object());
  const auto reasons = all_reasons.find(name);
  for (const auto& [key, value] : config.items()) {
    if (explain && reasons != all_reasons.end()) out << "# " << word(*reasons, key.c_str()) << '\n';
    out << key << '=' << value.get<std::string>() << '\n';
  }
}

bool loads_by_itself(const pipeline::PipelineStatus& status) {
  return std::any_of(status.tables.begin(), status.tables.end(),
                     [](const auto& table) { return !table.load_state.empty(); });
}

void show_apply_lag(std::ostream& out, const pipeline::PipelineStatus& status) {
  if (status.applied_lsn.empty()) return;
  out << "applied up to " << status.applied_lsn;
  if (status.apply_lag_bytes) out << ", lag " << human_bytes(*status.apply_lag_bytes);
  if (status.apply_lag_s) out << fmt::format(", {:.1f} s", *status.apply_lag_s);
  if (status.changes_per_s) out << fmt::format("; {:.0f} changes/s", *status.changes_per_s);
  if (status.last_change_ms) out << "; last change of " << utc_time(*status.last_change_ms);
  out << '\n';
}

void show_loaded_tables(std::ostream& out, const pipeline::PipelineStatus& status) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& table : status.tables) {
    rows.push_back({table.source, table.target, table.load_state.empty() ? "-" : table.load_state,
                    count_or_dash(table.loaded_rows), count_or_dash(table.target_rows)});
  }
  out << '\n';
  print_table(out, {"TABLE", "TARGET", "STATE", "LOADED", "ROWS"}, rows, "No tables.");
}

void show_connected_tables(std::ostream& out, const pipeline::PipelineStatus& status) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& connector : status.connectors) {
    rows.push_back({connector.name, connector.kind, connector.state, "", connector.root_cause});
    for (const auto& task : connector.tasks) {
      rows.push_back({"  task " + std::to_string(task.id), "", task.state, task.worker, task.root_cause});
    }
  }
  out << '\n';
  print_table(out, {"CONNECTOR", "KIND", "STATE", "WORKER", "CAUSE"}, rows, "No connectors.");
  rows.clear();
  for (const auto& table : status.tables) {
    rows.push_back({table.source, table.target, count_or_dash(table.target_rows), count_or_dash(table.messages),
                    count_or_dash(table.lag_messages), table.last_change_ms ? utc_time(*table.last_change_ms) : "-"});
  }
  out << '\n';
  print_table(out, {"TABLE", "TARGET", "ROWS", "MESSAGES", "LAG", "LAST CHANGE"}, rows, "No tables.");
}

}  // namespace

void show_plan(std::ostream& out, Format format, const ordered_json& plan, bool explain) {
  if (format != Format::kTable) return print_value(out, format, plan);
  out << "Plan for pipeline " << word(plan, "pipeline") << " (nothing has been changed)\n";
  if (!plan.at("schema_policy").is_null()) out << "Schema changes: " << word(plan, "schema_policy") << '\n';
  heading(out, "Preflight");
  print_findings(out, AnswerMembers(plan).findings("findings"), false);
  for (const auto& table : plan.at("tables")) show_columns(out, table);
  show_statements(out, "On PostgreSQL", plan.at("source_statements"));
  show_statements(out, "On SQL Server", plan.at("target_ddl"));
  for (const auto& [name, config] : plan.at("connectors").items()) show_connector(out, plan, name, config, explain);
  heading(out, "Script for a source user with no more rights than needed");
  out << word(plan, "grant_script");
}

void show_created(std::ostream& out, Format format, const manager::CreateResult& result) {
  const auto next = "millrace " + std::string(result.runs_in_process ? "run " : "status ") + result.pipeline_id +
                    (result.runs_in_process ? "" : " --watch");
  if (format != Format::kTable) {
    return print_value(out, format,
                       {{"pipeline_id", result.pipeline_id},
                        {"debezium_connector_name", result.debezium_connector_name},
                        {"sink_connector_name", result.sink_connector_name},
                        {"kafka_topics", result.kafka_topics},
                        {"status", result.status},
                        {"next", next},
                        {"warnings", pipeline::findings_json(result.warnings)}});
  }
  print_findings(out, result.warnings, false);
  if (result.runs_in_process) {
    out << "\n✓ Pipeline created! `" << next << "` loads and streams.\n";
    return;
  }
  out << "\n✓ Pipeline created! Real-time CDC active.\n"
      << "  pipeline  " << result.pipeline_id << '\n';
  if (!result.debezium_connector_name.empty()) {
    out << "  source    " << result.debezium_connector_name << '\n'
        << "  sink      " << result.sink_connector_name << '\n';
  }
  for (const auto& topic : result.kafka_topics) out << "  topic     " << topic << '\n';
  out << "  " << next << '\n';
}

void show_list(std::ostream& out, Format format, const std::vector<manager::PipelineSummary>& pipelines) {
  if (format != Format::kTable) {
    ordered_json list = ordered_json::array();
    for (const auto& pipeline : pipelines) {
      list.push_back({{"name", pipeline.name},
                      {"state", pipeline.state},
                      {"engine", pipeline.engine},
                      {"source", pipeline.source},
                      {"target", pipeline.target},
                      {"tables", pipeline.tables},
                      {"created_ms", pipeline.created_ms}});
    }
    return print_value(out, format, list);
  }
  std::vector<std::vector<std::string>> rows;
  for (const auto& pipeline : pipelines) {
    rows.push_back({pipeline.name, pipeline.state, pipeline.engine, pipeline.source, pipeline.target,
                    std::to_string(pipeline.tables.size()), utc_time(pipeline.created_ms)});
  }
  print_table(out, {"PIPELINE", "STATE", "ENGINE", "SOURCE", "TARGET", "TABLES", "CREATED"}, rows,
              "No pipelines yet: `millrace create --help` shows how to make one.");
}

void show_status(std::ostream& out, Format format, const pipeline::PipelineStatus& status) {
  if (format != Format::kTable) return print_value(out, format, pipeline::status_json(status));
  out << status.pipeline << "  " << pipeline::to_string(status.state);
  if (!status.reason.empty()) out << "  " << status.reason;
  out << '\n';
  if (status.slot_lag_bytes) {
    out << "slot lag " << human_bytes(*status.slot_lag_bytes) << ", WAL kept "
        << human_bytes(status.slot_retained_bytes.value_or(0)) << " (" << status.slot_wal_status << ")\n";
  }
  show_apply_lag(out, status);
  if (status.sink_lag_messages) out << "sink lag " << *status.sink_lag_messages << " messages\n";
  if (!status.process.empty()) out << "process " << status.process << '\n';
  if (!status.schema_policy.empty()) out << "schema changes: " << status.schema_policy << '\n';
  if (loads_by_itself(status)) {
    show_loaded_tables(out, status);
  } else {
    show_connected_tables(out, status);
  }
  for (const auto& warning : status.warnings) out << "⚠ " << warning << '\n';
}

void show_events(std::ostream& out, Format format, const std::vector<ordered_json>& events) {
  if (format != Format::kTable) return print_value(out, format, events);
  std::vector<std::vector<std::string>> rows;
  for (const auto& event : events) {
    const auto table = word(event, "table");
    const auto cause = word(event, "cause");
    rows.push_back(
        {word(event, "time"), word(event, "severity"), word(event, "kind"), word(event, "pipeline"),
         word(event, "actor"),
         (table.empty() ? "" : table + ": ") + word(event, "message") + (cause.empty() ? "" : ": " + cause)});
  }
  print_table(out, {"TIME", "SEVERITY", "KIND", "PIPELINE", "ACTOR", "MESSAGE"}, rows, "No events.");
}

void show_table_change(std::ostream& out, Format format, const std::string& name, const std::string& what,
                       const manager::TableChangeResult& result) {
  if (format != Format::kTable) {
    return print_value(out, format,
                       {{"pipeline", name},
                        {"result", what},
                        {"tables", result.tables},
                        {"kept", result.kept},
                        {"warnings", pipeline::findings_json(result.warnings)}});
  }
  if (!result.warnings.empty()) print_findings(out, result.warnings, false);
  for (const auto& table : result.tables) out << "✓ " << table << ' ' << what << ".\n";
  for (const auto& kept : result.kept) out << "  kept " << kept << '\n';
  out << "  A process that runs " << name << " follows within seconds.\n";
}

void show_deleted(std::ostream& out, Format format, const std::string& name, const manager::DeleteResult& result) {
  if (format != Format::kTable) {
    return print_value(out, format, {{"pipeline", name}, {"removed", result.removed}, {"kept", result.kept}});
  }
  out << "✓ Pipeline " << name << " deleted.\n";
  for (const auto& kept : result.kept) out << "  kept " << kept << '\n';
}

}  // namespace millrace::cli
