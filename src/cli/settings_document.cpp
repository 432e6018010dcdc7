#include "cli/settings_document.hpp"

#include <nlohmann/json.hpp>

#include "pipeline/spec_json.hpp"

namespace millrace::cli {
namespace {

/// Moves the members that are there into the order of `first`; what is not named follows.
nlohmann::ordered_json ordered(const nlohmann::json& object, std::initializer_list<const char*> first) {
  nlohmann::ordered_json sorted = nlohmann::ordered_json::object();
  for (const char* name : first) {
    if (const auto found = object.find(name); found != object.end()) sorted[name] = nlohmann::ordered_json(*found);
  }
  for (const auto& [name, member] : object.items()) {
    if (!sorted.contains(name)) sorted[name] = nlohmann::ordered_json(member);
  }
  return sorted;
}

}  // namespace

nlohmann::ordered_json settings_document(const pipeline::PipelineSpec& spec, bool with_secrets) {
  auto document = pipeline::to_json(spec, with_secrets);
  document.erase(spec.engine == pipeline::EngineKind::kEmbedded ? "kafka_connect" : "embedded");
  auto sorted = ordered(document, {"name", "engine", "source", "target", "tables", "mapping", "embedded",
                                   "kafka_connect", "snapshot", "truncate", "toast"});
  for (const char* side : {"source", "target"}) {
    // A saved connection is named in place of what it holds, never beside it.
    document.at(side).erase("connection");
    sorted[side] = ordered(document.at(side), {"host", "port", "database", "schema", "user", "password"});
  }
  return sorted;
}

}  // namespace millrace::cli
