#include "server/saved_connection_json.hpp"

#include <nlohmann/json.hpp>

#include "pipeline/spec_json.hpp"
#include "server/api_json.hpp"

namespace millrace::server {
namespace {

using nlohmann::ordered_json;

ordered_json last_test_json(const std::string& text) {
  const auto outcome = nlohmann::json::parse(text, nullptr, false);
  if (!outcome.is_object()) return nullptr;
  return {{"ok", outcome.at("ok")}, {"at", rfc3339(outcome.at("at").get<std::int64_t>())}};
}

}  // namespace

ordered_json saved_connection_json(const manager::SavedConnection& saved, bool with_pipelines) {
  return {{"id", saved.id},
          {"name", saved.name},
          {"kind", saved.kind},
          {"endpoint", to_api(ordered_json(pipeline::to_json(saved.spec, false).at(saved.kind)))},
          {"passwordSet", saved.password_set},
          {"usedBy", with_pipelines ? saved.used_by : std::vector<std::string>{}},
          {"lastTest", last_test_json(saved.last_test)},
          {"createdAt", rfc3339(saved.created_ms)},
          {"updatedAt", rfc3339(saved.updated_ms)},
          {"revision", std::to_string(saved.revision)}};
}

}  // namespace millrace::server
