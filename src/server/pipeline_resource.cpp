#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>

#include "manager/cdc_manager.hpp"
#include "manager/connection_book.hpp"
#include "manager/registry.hpp"
#include "pipeline/answers_json.hpp"
#include "pipeline/engine_options.hpp"
#include "pipeline/judge_hosts.hpp"
#include "pipeline/named_files.hpp"
#include "pipeline/names.hpp"
#include "pipeline/spec_json.hpp"
#include "pipeline/words.hpp"
#include "server/api_json.hpp"
#include "server/conditional.hpp"
#include "server/idempotent.hpp"
#include "server/operation_json.hpp"
#include "server/own_event.hpp"
#include "server/pipeline_lookup.hpp"
#include "server/problem.hpp"
#include "server/progress_json.hpp"
#include "server/query.hpp"
#include "server/routes.hpp"
#include "support/error.hpp"

namespace millrace::server {
namespace {

using nlohmann::ordered_json;

manager::CdcManager open(const Call& call) {
  return manager::CdcManager(call.workspace());
}

const std::string& name_of(const Call& call) {
  return call.parameters.at("name");
}

/// The names of the tenant's saved connections, when one of the pipelines comes from any.
using Stored = std::shared_ptr<const manager::StoredPipeline>;

std::map<std::string, std::string> connection_names(const Call& call, const std::vector<Stored>& pipelines) {
  const auto saved = [](const Stored& stored) {
    return !stored->spec.source.connection.empty() || !stored->spec.target.connection.empty();
  };
  if (std::none_of(pipelines.begin(), pipelines.end(), saved)) return {};
  const auto workspace = call.workspace();
  return workspace.database->read(
      [&](store::Session& session) { return store::Connections(session).names(workspace.tenant); });
}

ordered_json reference_json(const std::string& id, const std::map<std::string, std::string>& names) {
  const auto name = names.find(id);
  if (name == names.end()) return nullptr;
  return {{"id", id}, {"name", name->second}};
}

ordered_json described(const manager::StoredPipeline& stored, const std::map<std::string, std::string>& names) {
  ordered_json tables = ordered_json::array();
  for (const auto& route : stored.resources.routes) {
    tables.push_back({{"source", route.source.to_string()},
                      {"target", route.target.to_string()},
                      {"topic", route.topic.empty() ? ordered_json(nullptr) : ordered_json(route.topic)},
                      {"key", route.key}});
  }
  return {{"name", stored.name},
          {"state", stored.state},
          {"engine", pipeline::to_word(stored.spec.engine)},
          {"source", display_url(stored.spec.source)},
          {"target", display_url(stored.spec.target)},
          {"sourceConnection", reference_json(stored.spec.source.connection, names)},
          {"targetConnection", reference_json(stored.spec.target.connection, names)},
          {"tables", std::move(tables)},
          {"createdAt", rfc3339(stored.created_ms)},
          {"revision", std::to_string(stored.revision)}};
}

pipeline::PipelineSpec spec_of(const Call& call) {
  const auto document = manager::ConnectionBook(call.workspace()).resolved(from_api(parse_body(call.request)));
  auto spec = pipeline::spec_from_json(document);
  pipeline::refuse_other_engines_options(document, spec.engine);
  pipeline::require_complete(spec);
  if (const auto folder = call.workspace().certificates) pipeline::confine_files(spec, *folder);
  call.audit_details = nlohmann::json{{"source", spec.source.host + ":" + std::to_string(spec.source.port)},
                                      {"target", spec.target.host + ":" + std::to_string(spec.target.port)}}
                           .dump();
  pipeline::judge_hosts(spec, call.workspace().guard);
  return spec;
}

/// RFC 7240.
bool prefers_async(const Request& request) {
  std::string text = request.header("prefer");
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text.find("respond-async") != std::string::npos;
}

/// 202, for work that goes on beside the request.
Response begun(const Call& call, const store::OperationRecord& operation) {
  auto response = accepted(operation, call.actor);
  response.headers.emplace_back("Preference-Applied", "respond-async");
  return response;
}

ordered_json created_json(const manager::CreateResult& result) {
  return {{"pipelineId", result.pipeline_id},
          {"debeziumConnectorName", result.debezium_connector_name},
          {"sinkConnectorName", result.sink_connector_name},
          {"kafkaTopics", result.kafka_topics},
          {"status", result.status},
          {"warnings", to_api(pipeline::findings_json(result.warnings))}};
}

/// Answers at once; whoever asked follows the operation.
Response create_beside(const Call& call, const pipeline::PipelineSpec& spec) {
  const auto name = pipeline::derive_names(spec).pipeline;
  const auto& workspace = call.workspace();
  if (manager::Registry(workspace).revision(name)) {
    throw Error(ErrorCode::kPipelineExists, "A pipeline named " + name + " exists already.",
                {.pipeline = name, .field = "name"});
  }
  const auto operation = call.services.operations.start(
      {workspace.tenant, "pipeline.create", name, call.actor.user_name},
      [workspace, spec, &events = call.services.events, actor = call.actor.user_name](const OperationRunner::Say& say,
                                                                                      const std::stop_token& stop) {
        const auto result = manager::CdcManager(workspace).create_pipeline(spec, say, stop);
        events.append({.tenant = workspace.tenant,
                       .kind = "pipeline.created",
                       .severity = "info",
                       .pipeline = result.pipeline_id,
                       .actor = actor,
                       .message = "the pipeline was created"});
        return created_json(result);
      });
  return begun(call, operation);
}

ordered_json deleted_json(const manager::DeleteResult& result) {
  return {{"removed", result.removed}, {"kept", result.kept}};
}

Response delete_beside(const Call& call, const manager::DeleteOptions& options) {
  const auto& workspace = call.workspace();
  const auto& name = name_of(call);
  const auto operation = call.services.operations.start(
      {workspace.tenant, "pipeline.delete", name, call.actor.user_name},
      [workspace, name, options, &events = call.services.events, actor = call.actor.user_name](
          const OperationRunner::Say& say, const std::stop_token& stop) {
        const auto result = manager::CdcManager(workspace).delete_pipeline(name, options, say, stop);
        events.append({.tenant = workspace.tenant,
                       .kind = "pipeline.deleted",
                       .severity = "info",
                       .pipeline = name,
                       .actor = actor,
                       .message = "the pipeline was deleted"});
        return deleted_json(result);
      });
  return begun(call, operation);
}

Response create_now(const Call& call, const pipeline::PipelineSpec& spec) {
  const auto result = open(call).create_pipeline(spec, {}, call.services.stop);
  tell(call, "pipeline.created", result.pipeline_id, "the pipeline was created");
  constexpr int kCreated = 201;
  auto response = json_response(created_json(result), kCreated);
  response.headers.emplace_back("Location", "/api/v1/pipelines/" + result.pipeline_id);
  return response;
}

/// The revision that the header If-Match names. Throws Error kObjectChanged.
/// The pipeline's, when it is the one that If-Match asks for.
std::int64_t matched_revision(const Call& call) {
  const auto stored = manager::Registry(call.workspace()).load(name_of(call));
  if (if_match(call.request).value_or(stored.revision) != stored.revision) {
    throw Error(ErrorCode::kObjectChanged, "The pipeline " + stored.name + " was changed meanwhile.",
                {.pipeline = stored.name});
  }
  return stored.revision;
}

ordered_json changed(const manager::TableChangeResult& result) {
  return {
      {"tables", result.tables}, {"kept", result.kept}, {"warnings", to_api(pipeline::findings_json(result.warnings))}};
}

Response control(const Call& call, void (manager::CdcManager::*verb)(const std::string&, const std::stop_token&),
                 const std::string& kind, const std::string& message) {
  auto manager = open(call);
  (manager.*verb)(name_of(call), call.services.stop);
  tell(call, kind, name_of(call), message);
  return get_handler(call);
}

}  // namespace

Response plan_handler(const Call& call) {
  return json_response(to_api(pipeline::plan_json(open(call).plan(spec_of(call), call.services.stop))));
}

Response create_handler(const Call& call) {
  const auto spec = spec_of(call);
  const bool beside = prefers_async(call.request);
  const auto content = (beside ? "beside " : "now ") + pipeline::to_json(spec, false).dump();
  return idempotent(call, content, [&] { return beside ? create_beside(call, spec) : create_now(call, spec); });
}

Response list_handler(const Call& call) {
  constexpr int kPage = 100;
  const auto page = manager::Registry(call.workspace())
                        .page(page_parameters(call.request, kPage),
                              {.state = word_parameter(call.request, "state",
                                                       {"", "creating", "active", "paused", "failed", "deleting"}),
                               .search = call.request.parameter("search")},
                              call.services.listed);
  const auto names = connection_names(call, page.items);
  std::vector<std::string> listed;
  for (const auto& stored : page.items) listed.push_back(stored->name);
  const auto live = live_numbers(call, listed);
  ordered_json items = ordered_json::array();
  for (const auto& stored : page.items) {
    auto item = described(*stored, names);
    item["live"] = live_json(live.at(stored->name), stored->resources.routes.size());
    items.push_back(std::move(item));
  }
  return json_response({{"items", std::move(items)}, {"nextPageToken", page.next}});
}

Response get_handler(const Call& call) {
  const auto stored =
      std::make_shared<const manager::StoredPipeline>(manager::Registry(call.workspace()).load(name_of(call)));
  auto response = json_response(described(*stored, connection_names(call, {stored})));
  response.headers.emplace_back("ETag", etag(stored->revision));
  return response;
}

Response status_handler(const Call& call) {
  auto& services = call.services;
  auto status = to_api(pipeline::status_json(open(call).status(name_of(call), services.sessions, services.stop)));
  const auto numbers = live_numbers(call, place_of(call));
  if (numbers.slot) {
    // What PostgreSQL was asked a moment ago, beside what it is asked now.
    const auto slot = slot_json(*numbers.slot);
    for (const char* member : {"name", "safeBytes", "limitBytes", "risk"}) status["slot"][member] = slot.at(member);
  }
  status["live"] = progress_json(name_of(call), numbers);
  return json_response(status);
}

Response progress_handler(const Call& call) {
  const auto name = existing_pipeline(call);
  return json_response(progress_json(name, live_numbers(call, place_of(call))));
}

Response configs_handler(const Call& call) {
  const auto plan = open(call).generated(name_of(call), call.services.stop);
  ordered_json connectors = ordered_json::object();
  for (const auto& [name, config] : plan.connectors) connectors[name] = pipeline::without_secrets(config);
  return json_response({{"engine", pipeline::to_word(plan.spec.engine)},
                        {"spec", to_api(ordered_json(pipeline::to_json(plan.spec, false)))},
                        {"connectors", std::move(connectors)}});
}

Response update_handler(const Call& call) {
  const auto patch = from_api(parse_body(call.request));
  require_if_match(call.request);
  const auto revision = matched_revision(call);
  open(call).change_settings(name_of(call), patch, revision, call.services.stop);
  tell(call, "pipeline.changed", name_of(call), "settings were changed");
  return get_handler(call);
}

Response delete_handler(const Call& call) {
  const manager::DeleteOptions options{flag_parameter(call.request, "dropTopics"),
                                       flag_parameter(call.request, "dropTables"),
                                       flag_parameter(call.request, "force")};
  matched_revision(call);
  if (prefers_async(call.request)) return delete_beside(call, options);
  const auto result = open(call).delete_pipeline(name_of(call), options, {}, call.services.stop);
  tell(call, "pipeline.deleted", name_of(call), "the pipeline was deleted");
  return json_response(deleted_json(result));
}

Response pause_handler(const Call& call) {
  return control(call, &manager::CdcManager::pause, "pipeline.paused", "the pipeline was paused");
}

Response resume_handler(const Call& call) {
  return control(call, &manager::CdcManager::resume, "pipeline.resumed", "the pipeline was resumed");
}

Response restart_handler(const Call& call) {
  return control(call, &manager::CdcManager::restart, "pipeline.restarted", "the pipeline was restarted");
}

Response add_tables_handler(const Call& call) {
  const auto body = parse_body(call.request);
  refuse_unknown(body, {"tables", "mapping"});
  // Read as a spec, so that tables and mapping have the shape and the checks that they have at create.
  const auto spec = pipeline::spec_from_json(from_api(body));
  if (spec.tables.empty()) throw Error(ErrorCode::kUsage, "Name the tables to add.", {.field = "tables"});
  const auto result = open(call).add_tables(name_of(call), spec.tables, spec.mapping.tables, {}, call.services.stop);
  tell(call, "pipeline.tables_added", name_of(call), "tables were added");
  return json_response(changed(result));
}

Response remove_tables_handler(const Call& call) {
  const auto result = open(call).remove_tables(name_of(call), {call.parameters.at("table")},
                                               flag_parameter(call.request, "dropTables"), {}, call.services.stop);
  tell(call, "pipeline.tables_removed", name_of(call), "the table " + call.parameters.at("table") + " was removed");
  return json_response(changed(result));
}

Response reload_table_handler(const Call& call) {
  const auto result = open(call).reload_table(name_of(call), call.parameters.at("table"), {}, call.services.stop);
  tell(call, "pipeline.table_reloaded", name_of(call), "the table " + call.parameters.at("table") + " is loaded anew");
  return json_response(changed(result));
}

}  // namespace millrace::server
