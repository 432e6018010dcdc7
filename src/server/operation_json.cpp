#include "server/operation_json.hpp"

#include <nlohmann/json.hpp>

#include "server/api_json.hpp"
#include "server/problem.hpp"

namespace millrace::server {
namespace {

using nlohmann::ordered_json;

ordered_json parsed_json(const std::string& text) {
  const auto value = ordered_json::parse(text, nullptr, false);
  return text.empty() || value.is_discarded() ? ordered_json(nullptr) : value;
}

ordered_json lines(const std::string& text) {
  ordered_json list = ordered_json::array();
  for (const auto& line : parsed_json(text)) {
    list.push_back({{"time", rfc3339(line.value("time_ms", std::int64_t{0}))}, {"message", line.value("message", "")}});
  }
  return list;
}

/// What rows held is for those who may do something about it.
void hide_rows(ordered_json& result) {
  if (!result.is_object()) return;
  if (result.contains("rows")) result["rows"] = ordered_json::array();
  if (!result.contains("tables")) return;
  for (auto& table : result["tables"]) {
    for (const char* rows : {"rows", "repairedRows"}) {
      if (table.is_object() && table.contains(rows)) table[rows] = ordered_json::array();
    }
  }
}

}  // namespace

ordered_json operation_json(const store::OperationRecord& operation, const security::Actor& reader) {
  auto failure = parsed_json(operation.error);
  if (failure.is_object() && !may_read_foreign_words(reader)) hide_foreign_words(failure);
  auto result = parsed_json(operation.result);
  if (!security::allowed(reader, security::Permission::kPipelinesOperate)) hide_rows(result);
  return {{"id", operation.id},
          {"kind", operation.kind},
          {"state", operation.state},
          {"target", operation.target},
          {"actor", operation.actor},
          {"progress", lines(operation.progress)},
          {"result", std::move(result)},
          {"problem", std::move(failure)},
          {"cancelRequested", operation.cancel_requested},
          {"createdAt", rfc3339(operation.created_ms)},
          {"updatedAt", rfc3339(operation.updated_ms)},
          {"endedAt", moment(operation.ended_ms)}};
}

Response accepted(const store::OperationRecord& operation, const security::Actor& reader) {
  constexpr int kAccepted = 202;
  auto response = json_response(operation_json(operation, reader), kAccepted);
  response.headers.emplace_back("Location", "/api/v1/operations/" + operation.id);
  return response;
}

}  // namespace millrace::server
