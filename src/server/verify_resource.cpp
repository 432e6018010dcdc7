#include <nlohmann/json.hpp>

#include "manager/cdc_manager.hpp"
#include "server/api_json.hpp"
#include "server/body_fields.hpp"
#include "server/operation_json.hpp"
#include "server/pipeline_lookup.hpp"
#include "server/routes.hpp"
#include "server/verify_json.hpp"
#include "store/events.hpp"
#include "support/error.hpp"

namespace millrace::server {
namespace {

constexpr std::int64_t kMostReported = 1000;

/// Whether the last that was told of a difference is that there is one.
bool differed(const manager::Workspace& workspace, const std::string& pipeline) {
  constexpr int kBack = 100;
  const auto told = workspace.database->read([&](store::Session& session) {
    return store::Events(session).list(workspace.tenant, {.pipeline = pipeline, .kind = "verify"}, {.size = kBack});
  });
  for (const auto& event : told.items) {
    if (event.kind != "verify.equal") return event.kind == "verify.mismatch";
  }
  return false;
}

}  // namespace

Response verify_handler(const Call& call) {
  const auto body = optional_body(call.request);
  refuse_unknown(body, {"tables", "repair", "maxReport"});
  replication::VerifySettings settings{.tables = texts_field(body, "tables"),
                                       .repair = flag_field(body, "repair").value_or(false)};
  const auto report = number_field(body, "maxReport").value_or(static_cast<std::int64_t>(settings.max_report));
  if (report > kMostReported) throw Error(ErrorCode::kUsage, "maxReport is at most 1000.", {.field = "maxReport"});
  settings.max_report = static_cast<std::size_t>(report);
  if (settings.repair) security::require(call.actor, security::Permission::kPipelinesRepair);

  const auto name = existing_pipeline(call);
  const auto work = [workspace = call.workspace(), name, settings, actor = call.actor.user_name,
                     &events = call.services.events](const OperationRunner::Say& say, const std::stop_token& stop) {
    const auto verdicts = manager::CdcManager(workspace).verify(name, settings, say, stop);
    const bool equal = all_equal(verdicts);
    const bool recovered = equal && settings.tables.empty() && differed(workspace, name);
    events.append({.tenant = workspace.tenant,
                   .kind = recovered ? "verify.recovered"
                           : equal   ? "verify.equal"
                                     : "verify.mismatch",
                   .severity = equal ? "info" : "error",
                   .pipeline = name,
                   .actor = actor,
                   .message = summary_of(verdicts)});
    return verify_json(name, verdicts);
  };
  const auto place = place_of(call);
  return accepted(call.services.operations.start({place.tenant, "pipeline.verify", name, call.actor.user_name}, work),
                  call.actor);
}

}  // namespace millrace::server
