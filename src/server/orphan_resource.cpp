#include <nlohmann/json.hpp>

#include "manager/orphans.hpp"
#include "server/api_json.hpp"
#include "server/routes.hpp"
#include "store/events.hpp"
#include "store/page.hpp"
#include "support/error.hpp"

namespace millrace::server {
namespace {

using manager::Orphan;
using nlohmann::ordered_json;

const char* word(Orphan::Kind kind) {
  switch (kind) {
    case Orphan::Kind::kSlot:
      return "slot";
    case Orphan::Kind::kPublication:
      return "publication";
    case Orphan::Kind::kConnector:
      return "connector";
  }
  return "slot";
}

std::string id_of(const Orphan& orphan) {
  return store::encode_cursor({word(orphan.kind), orphan.place, orphan.name});
}

Orphan parse_orphan(const std::string& id) {
  try {
    const auto parts = store::decode_cursor(id, 3);
    for (const auto kind : {Orphan::Kind::kSlot, Orphan::Kind::kPublication, Orphan::Kind::kConnector}) {
      if (parts[0] == word(kind)) return {.kind = kind, .name = parts[2], .place = parts[1]};
    }
  } catch (const Error&) {
    // Told as what is not there.
  }
  throw Error(ErrorCode::kObjectNotFound, "There is no such orphan.");
}

/// Names of pipelines that the tenant's events tell of.
std::set<std::string> former_pipelines(const manager::Workspace& workspace) {
  std::set<std::string> names;
  store::PageRequest request{.size = 1000};
  do {
    const auto page = workspace.database->read([&](store::Session& session) {
      return store::Events(session).list(workspace.tenant, {.kind = "pipeline.created"}, request);
    });
    for (const auto& event : page.items) names.insert(event.pipeline);
    request.after = page.next;
  } while (!request.after.empty());
  return names;
}

}  // namespace

Response list_orphans_handler(const Call& call) {
  const auto workspace = call.workspace();
  const auto found = manager::find_orphans(workspace, former_pipelines(workspace), call.services.stop);
  ordered_json items = ordered_json::array();
  for (const auto& orphan : found.orphans) {
    items.push_back({{"id", id_of(orphan)},
                     {"kind", word(orphan.kind)},
                     {"name", orphan.name},
                     {"place", orphan.place},
                     {"active", orphan.active ? ordered_json(*orphan.active) : ordered_json(nullptr)},
                     {"retainedBytes", orphan.retained_bytes ? ordered_json(std::to_string(*orphan.retained_bytes))
                                                             : ordered_json(nullptr)},
                     {"note", orphan.note}});
  }
  return json_response({{"items", std::move(items)}, {"warnings", found.warnings}, {"nextPageToken", ""}});
}

Response remove_orphan_handler(const Call& call) {
  const auto workspace = call.workspace();
  const auto orphan = parse_orphan(call.parameters.at("id"));
  const auto removed = manager::remove_orphan(workspace, former_pipelines(workspace), orphan, call.services.stop);
  call.services.events.append(
      {.tenant = workspace.tenant,
       .kind = "orphan.removed",
       .severity = "warning",
       .actor = call.actor.user_name,
       .message = std::string(word(orphan.kind)) + " " + orphan.name + " on " + orphan.place + " was removed"});
  return json_response({{"removed", removed}});
}

}  // namespace millrace::server
