#include <nlohmann/json.hpp>

#include "manager/connection_book.hpp"
#include "server/api_json.hpp"
#include "server/body_fields.hpp"
#include "server/conditional.hpp"
#include "server/own_event.hpp"
#include "server/problem.hpp"
#include "server/query.hpp"
#include "server/routes.hpp"
#include "server/saved_connection_json.hpp"
#include "support/error.hpp"

namespace millrace::server {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

manager::ConnectionBook open_book(const Call& call) {
  return manager::ConnectionBook(call.workspace());
}

const std::string& word_of(const Call& call) {
  return call.parameters.at("connection");
}

bool sees_pipelines(const Call& call) {
  return security::allowed(call.actor, security::Permission::kPipelinesRead);
}

ordered_json described(const Call& call, const manager::SavedConnection& saved) {
  return saved_connection_json(saved, sees_pipelines(call));
}

ordered_json applied_json(const Call& call, const manager::AppliedChange& one) {
  ordered_json value{{"pipeline", one.pipeline}, {"ok", !one.error}, {"code", ""}, {"message", ""}};
  if (one.error) {
    auto told = ordered_json::parse(problem(*one.error, call.request.id).body);
    if (!may_read_foreign_words(call.actor)) hide_foreign_words(told);
    value["code"] = told.at("code");
    value["message"] = told.at("detail");
  }
  return value;
}

Response tagged(const ordered_json& body, std::int64_t revision, int status = 200) {
  auto response = json_response(body, status);
  response.headers.emplace_back("ETag", etag(revision));
  return response;
}

/// The error that is being handled; one that names pipelines without them for somebody who may not see them.
[[noreturn]] void throw_without_names(const Call& call, const Error& error) {
  if (error.code() != ErrorCode::kObjectInUse || sees_pipelines(call)) throw;
  throw Error(ErrorCode::kObjectInUse, "Pipelines use the connection.", error.context());
}

}  // namespace

Response list_connections_handler(const Call& call) {
  const auto kind = word_parameter(call.request, "kind", {"", "source", "target"});
  const auto page = open_book(call).list(page_parameters(call.request), kind);
  ordered_json items = ordered_json::array();
  for (const auto& saved : page.items) items.push_back(described(call, saved));
  return json_response({{"items", std::move(items)}, {"nextPageToken", page.next}});
}

Response create_connection_handler(const Call& call) {
  const auto body = parse_body(call.request);
  refuse_unknown(body, {"name", "kind", "endpoint"});
  const auto name = needed_text_field(body, "name");
  const auto kind = needed_text_field(body, "kind");
  const auto endpoint = body.find("endpoint");
  if (endpoint == body.end()) throw Error(ErrorCode::kUsage, "endpoint is needed.", {.field = "endpoint"});
  const auto saved = open_book(call).create(name, kind, from_api({{"endpoint", *endpoint}}).at("endpoint"));
  tell(call, "connection.created", "", "the connection " + saved.name + " was saved");
  constexpr int kCreated = 201;
  auto response = tagged(described(call, saved), saved.revision, kCreated);
  response.headers.emplace_back("Location", "/api/v1/connections/" + saved.id);
  return response;
}

Response get_connection_handler(const Call& call) {
  const auto saved = open_book(call).get(word_of(call));
  return tagged(described(call, saved), saved.revision);
}

Response update_connection_handler(const Call& call) {
  auto connections = open_book(call);
  const auto id = connections.get(word_of(call)).id;
  const auto body = parse_body(call.request);
  require_if_match(call.request);
  refuse_unknown(body, {"name", "endpoint"});
  manager::ConnectionBook::Change change{.name = text_field(body, "name"), .endpoint = {}};
  if (const auto endpoint = body.find("endpoint"); endpoint != body.end()) {
    change.endpoint = from_api({{"endpoint", *endpoint}}).at("endpoint").dump();
  }
  try {
    const auto changed = connections.update(id, change, if_match(call.request), call.services.stop);
    tell(call, "connection.changed", "", "the connection " + changed.connection.name + " was changed");
    ordered_json applied = ordered_json::array();
    for (const auto& one : changed.applied) {
      applied.push_back(applied_json(call, one));
      if (!one.error) {
        tell(call, "pipeline.changed", one.pipeline, "follows the connection " + changed.connection.name);
      }
    }
    auto answer = described(call, changed.connection);
    answer["applied"] = sees_pipelines(call) ? std::move(applied) : ordered_json::array();
    return tagged(answer, changed.connection.revision);
  } catch (const Error& error) {
    throw_without_names(call, error);
  }
}

Response delete_connection_handler(const Call& call) {
  auto connections = open_book(call);
  const auto saved = connections.get(word_of(call));
  try {
    connections.remove(saved.id, if_match(call.request));
  } catch (const Error& error) {
    throw_without_names(call, error);
  }
  tell(call, "connection.deleted", "", "the connection " + saved.name + " was deleted");
  return {.status = 204};
}

}  // namespace millrace::server
