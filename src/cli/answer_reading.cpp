#include "cli/answer_reading.hpp"

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>

#include "cli/answer_members.hpp"

namespace millrace::cli {
namespace {

using nlohmann::ordered_json;

constexpr int kFirstServerFault = 500;

/// "lagBytes" -> "lag_bytes".
std::string snake(const std::string& name) {
  std::string text;
  for (const char c : name) {
    const bool upper = c >= 'A' && c <= 'Z';
    if (upper) text += '_';
    text += upper ? static_cast<char>(std::tolower(static_cast<unsigned char>(c))) : c;
  }
  return text;
}

/// "/source/sslMode" -> "source.ssl_mode".
std::string field(const std::string& pointer) {
  std::string text = snake(pointer.starts_with('/') ? pointer.substr(1) : pointer);
  std::replace(text.begin(), text.end(), '/', '.');
  return text;
}

ErrorCode code_of(const std::string& id, int status) {
  for (const auto& row : error_registry()) {
    if (row.id == id) return row.code;
  }
  // Of a newer server.
  return status >= kFirstServerFault ? ErrorCode::kInternal : ErrorCode::kUsage;
}

pipeline::State state_of(const std::string& word) {
  using enum pipeline::State;
  for (const auto state : {kCreating, kRunning, kPaused, kDegraded, kStopped, kFailed, kDeleting}) {
    if (word == pipeline::to_string(state)) return state;
  }
  return kUnknown;
}

pipeline::ConnectorStatus read_connector(const ordered_json& value) {
  const AnswerMembers connector(value);
  pipeline::ConnectorStatus status{.name = connector.text("name"),
                                   .kind = connector.text("kind"),
                                   .state = connector.text("state"),
                                   .root_cause = connector.text("rootCause")};
  for (const auto& item : connector.list("tasks")) {
    const AnswerMembers task(item);
    status.tasks.push_back({static_cast<int>(task.count("id").value_or(0)), task.text("state"), task.text("worker"),
                            task.text("rootCause")});
  }
  return status;
}

pipeline::TableStatus read_table(const ordered_json& value) {
  const AnswerMembers table(value);
  return {.source = table.text("source"),
          .target = table.text("target"),
          .topic = table.text("topic"),
          .messages = table.count("messages"),
          .lag_messages = table.count("lagMessages"),
          .target_rows = table.count("rows"),
          .last_change_ms = table.moment("lastChangeAt"),
          .load_state = table.text("loadState"),
          .loaded_rows = table.count("loadedRows"),
          .estimated_rows = table.count("estimatedRows")};
}

}  // namespace

Error read_problem(const ordered_json& problem) {
  const AnswerMembers members(problem);
  const auto id = members.text("code");
  const auto status = members.count("status").value_or(0);
  ErrorContext context{.pipeline = members.text("pipeline"), .table = members.text("table")};
  for (const auto& item : members.list("errors")) {
    context.field = field(AnswerMembers(item).text("pointer"));
    break;
  }
  const auto detail = members.text("detail");
  const auto code = code_of(id, static_cast<int>(status));
  Error error(code, detail.empty() ? "The server answered " + std::to_string(status) + " (" + id + ")." : detail,
              std::move(context));
  if (const auto fix = members.text("fix"); !fix.empty()) error.suggest(fix);
  if (code == ErrorCode::kUnauthenticated) error.suggest("`millrace login` makes a new key.");
  if (const auto cause = members.text("cause"); !cause.empty()) error.because(cause);
  for (const auto& note : members.texts("notes")) error.note(note);
  return error;
}

manager::PipelineSummary read_summary(const ordered_json& value) {
  const AnswerMembers members(value);
  manager::PipelineSummary summary{.name = members.text("name"),
                                   .state = members.text("state"),
                                   .engine = members.text("engine"),
                                   .source = members.text("source"),
                                   .target = members.text("target"),
                                   .created_ms = members.moment("createdAt").value_or(0)};
  for (const auto& item : members.list("tables")) summary.tables.push_back(AnswerMembers(item).text("source"));
  return summary;
}

pipeline::PipelineStatus read_status(const ordered_json& value) {
  const AnswerMembers members(value);
  pipeline::PipelineStatus status;
  status.pipeline = members.text("pipeline");
  status.state = state_of(members.text("state"));
  status.reason = members.text("reason");
  status.engine = members.text("engine");
  status.process = members.text("process");
  for (const auto& item : members.list("connectors")) status.connectors.push_back(read_connector(item));
  for (const auto& item : members.list("tables")) status.tables.push_back(read_table(item));
  if (const auto* found = members.find("slot")) {
    const AnswerMembers slot(*found);
    status.slot_lag_bytes = slot.count("lagBytes");
    status.slot_retained_bytes = slot.count("retainedBytes");
    status.slot_wal_status = slot.text("walStatus");
    status.slot_active = slot.flag("active");
  }
  status.sink_lag_messages = members.count("sinkLagMessages");
  status.applied_lsn = members.text("appliedLsn");
  status.apply_lag_bytes = members.count("applyLagBytes");
  status.apply_lag_s = members.real("applyLagS");
  status.changes_per_s = members.real("changesPerS");
  status.last_change_ms = members.moment("lastChangeAt");
  status.schema_policy = members.text("schemaPolicy");
  status.warnings = members.texts("warnings");
  return status;
}

manager::CreateResult read_created(const ordered_json& value) {
  const AnswerMembers members(value);
  return {.pipeline_id = members.text("pipelineId"),
          .debezium_connector_name = members.text("debeziumConnectorName"),
          .sink_connector_name = members.text("sinkConnectorName"),
          .kafka_topics = members.texts("kafkaTopics"),
          .status = members.text("status"),
          // The server runs it: nobody need do so by hand.
          .runs_in_process = false,
          .warnings = members.findings("warnings")};
}

manager::TableChangeResult read_table_change(const ordered_json& value) {
  const AnswerMembers members(value);
  return {.tables = members.texts("tables"), .kept = members.texts("kept"), .warnings = members.findings("warnings")};
}

manager::DeleteResult read_deleted(const ordered_json& value) {
  const AnswerMembers members(value);
  return {.removed = members.texts("removed"), .kept = members.texts("kept")};
}

ordered_json read_plan(const ordered_json& value) {
  ordered_json plan = ordered_json::object();
  for (const auto& [name, member] : value.items()) plan[snake(name)] = member;
  for (auto& table : plan["tables"]) {
    ordered_json own = ordered_json::object();
    const AnswerMembers members(table);
    for (const auto& [name, member] : table.items()) {
      const bool number = name == "bytes" || name == "estimatedRows";
      const auto count = number ? members.count(name.c_str()) : std::nullopt;
      own[snake(name)] = count ? ordered_json(*count) : member;
    }
    for (auto& column : own["columns"]) {
      ordered_json named = ordered_json::object();
      for (const auto& [name, member] : column.items()) named[snake(name)] = member;
      column = std::move(named);
    }
    table = std::move(own);
  }
  return plan;
}

}  // namespace millrace::cli
