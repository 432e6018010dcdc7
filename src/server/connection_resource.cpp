#include <map>
#include <nlohmann/json.hpp>

#include "manager/connection_book.hpp"
#include "pipeline/judge_hosts.hpp"
#include "pipeline/named_files.hpp"
#include "pipeline/side_json.hpp"
#include "pipeline/words.hpp"
#include "postgres/connection.hpp"
#include "preflight/connection_report.hpp"
#include "preflight/source_catalog.hpp"
#include "server/api_json.hpp"
#include "server/body_fields.hpp"
#include "server/connection_report_json.hpp"
#include "server/problem.hpp"
#include "server/routes.hpp"
#include "support/error.hpp"

namespace millrace::server {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

/// The body's member `connection`: credentials, or a saved connection in their place.
pipeline::PipelineSpec connection_of(const Call& call, const json& body, const std::string& side) {
  const auto found = body.find("connection");
  if (found == body.end()) throw Error(ErrorCode::kUsage, "connection is missing.", {.field = "connection"});
  json document;
  try {
    document = manager::ConnectionBook(call.workspace()).resolved(from_api({{side, *found}}));
  } catch (const Error& error) {
    throw pipeline::renamed(error, side, "connection");
  }
  auto spec = pipeline::side_from_json(side, document.at(side), "connection");
  pipeline::require_reachable(spec, side, "connection");
  try {
    if (const auto folder = call.workspace().certificates) pipeline::confine_files(spec, *folder);
  } catch (const Error& error) {
    throw pipeline::renamed(error, side, "connection");
  }
  // Whoever looks for hosts by way of this server leaves a trace of each.
  call.audit_details = json{{"host", side == "source" ? spec.source.host : spec.target.host},
                            {"port", side == "source" ? spec.source.port : spec.target.port}}
                           .dump();
  return pipeline::guarded(std::move(spec), call.workspace().guard);
}

postgres::Connection connect(const SourceEndpoint& source) {
  try {
    return postgres::Connection(source);
  } catch (const Error& error) {
    if (error.context().field.empty()) throw;
    throw pipeline::renamed(error, "source", "connection");
  }
}

const char* word(schema::ReplicaIdentity identity) {
  switch (identity) {
    case schema::ReplicaIdentity::kDefault:
      return "default";
    case schema::ReplicaIdentity::kNothing:
      return "nothing";
    case schema::ReplicaIdentity::kFull:
      return "full";
    case schema::ReplicaIdentity::kIndex:
      return "index";
  }
  return "default";
}

ordered_json column_json(const schema::SourceColumn& column, const schema::TablePlan& plan) {
  const schema::ColumnMapping* mapped = nullptr;
  for (const auto& mapping : plan.columns) {
    if (mapping.source.name == column.name) mapped = &mapping;
  }
  return {{"name", column.name},
          {"sourceType", column.type.declared},
          {"targetType", mapped == nullptr ? ordered_json(nullptr) : ordered_json(mapped->target.type.to_string())},
          {"nullable", !column.not_null},
          {"key", mapped != nullptr && mapped->key},
          {"leftOut", mapped == nullptr},
          {"notes", mapped == nullptr ? ordered_json::array() : ordered_json(mapped->notes)}};
}

ordered_json issue_json(const preflight::Finding& issue, const std::string& table) {
  const bool column = issue.object.starts_with(table + ".");
  return {{"id", issue.id},
          {"severity", preflight::to_string(issue.severity)},
          {"column", column ? issue.object.substr(table.size() + 1) : ""},
          {"message", issue.found},
          {"fix", issue.fix}};
}

ordered_json table_json(const preflight::CatalogTable& entry, bool with_columns) {
  const auto& source = entry.plan.source;
  ordered_json columns = ordered_json::array();
  if (with_columns) {
    for (const auto& column : source.columns) columns.push_back(column_json(column, entry.plan));
  }
  ordered_json issues = ordered_json::array();
  for (const auto& issue : entry.issues) issues.push_back(issue_json(issue, source.name.to_string()));
  return {{"schema", source.name.schema},
          {"name", source.name.name},
          {"partitioned", source.partitioned},
          {"estimatedRows",
           source.estimated_rows < 0 ? ordered_json(nullptr) : ordered_json(std::to_string(source.estimated_rows))},
          {"bytes", std::to_string(source.bytes)},
          {"keyKind", pipeline::to_word(entry.plan.key_kind)},
          {"key", entry.plan.key},
          {"replicaIdentity", word(source.replica_identity)},
          {"columnCount", source.columns.size()},
          {"columns", std::move(columns)},
          {"replicable", !preflight::has_errors(entry.issues)},
          {"issues", std::move(issues)}};
}

}  // namespace

Response test_connection_handler(const Call& call) {
  const auto body = parse_body(call.request);
  refuse_unknown(body, {"side", "connection", "tables"});
  const auto side = pipeline::require_side(text_field(body, "side").value_or(""), "side");
  const auto spec = connection_of(call, body, side);
  const preflight::ReportOptions options{.tables = texts_field(body, "tables"),
                                         .foreign_words = may_read_foreign_words(call.actor)};
  const bool source = side == "source";
  if (!source && !options.tables.empty()) {
    throw Error(ErrorCode::kUsage, "tables are those of a source.", {.field = "tables"});
  }
  const auto report =
      source ? preflight::report_source(spec.source, options) : preflight::report_target(spec.target, options);
  const auto& saved = source ? spec.source.connection : spec.target.connection;
  if (!saved.empty()) manager::ConnectionBook(call.workspace()).note_test(saved, report.ok());
  return json_response(connection_report_json(side, report));
}

Response connection_tables_handler(const Call& call) {
  const auto body = parse_body(call.request);
  refuse_unknown(body, {"connection", "schema", "tables", "columns", "targetSchema"});
  const auto spec = connection_of(call, body, "source");
  const preflight::CatalogQuery query{.schema = text_field(body, "schema").value_or(""),
                                      .tables = texts_field(body, "tables"),
                                      .target_schema = text_field(body, "targetSchema").value_or("dbo")};
  const bool with_columns = flag_field(body, "columns").value_or(true);
  auto connection = connect(spec.source);
  std::map<std::string, std::int64_t> schemas;
  ordered_json tables = ordered_json::array();
  for (const auto& entry : preflight::read_source_catalog(connection, spec.source.schema, query)) {
    ++schemas[entry.plan.source.name.schema];
    tables.push_back(table_json(entry, with_columns));
  }
  ordered_json counted = ordered_json::array();
  for (const auto& [name, count] : schemas) counted.push_back({{"name", name}, {"tables", count}});
  return json_response({{"schemas", std::move(counted)}, {"tables", std::move(tables)}});
}

}  // namespace millrace::server
