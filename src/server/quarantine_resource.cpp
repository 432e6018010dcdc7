#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>

#include "manager/cdc_manager.hpp"
#include "server/api_json.hpp"
#include "server/body_fields.hpp"
#include "server/operation_json.hpp"
#include "server/pipeline_lookup.hpp"
#include "server/query.hpp"
#include "server/routes.hpp"
#include "server/verify_json.hpp"
#include "support/error.hpp"

namespace millrace::server {
namespace {

using nlohmann::ordered_json;
using replication::QuarantineFilter;

std::optional<std::int64_t> parse_id(const std::string& text) {
  std::int64_t value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc() || end != text.data() + text.size() || value < 1) return std::nullopt;
  return value;
}

/// The rows that the body means; empty for all.
QuarantineFilter chosen(const nlohmann::json& body) {
  refuse_unknown(body, {"ids", "tables"});
  QuarantineFilter filter{.tables = texts_field(body, "tables")};
  for (const auto& text : texts_field(body, "ids")) {
    const auto id = parse_id(text);
    if (!id) throw Error(ErrorCode::kUsage, "The id of a row is a whole number.", {.field = "ids"});
    filter.ids.push_back(*id);
  }
  return filter;
}

/// What rows held is for those who may do something about it.
bool may_see_values(const Call& call) {
  return security::allowed(call.actor, security::Permission::kPipelinesOperate);
}

}  // namespace

Response list_quarantine_handler(const Call& call) {
  const auto page = page_parameters(call.request);
  QuarantineFilter filter{.discarded = flag_parameter(call.request, "discarded"), .most = page.size + 1};
  if (const auto table = call.request.parameter("table"); !table.empty()) filter.tables = {table};
  if (!page.after.empty()) filter.after = store::decode_number_cursor(page.after);
  auto entries = manager::CdcManager(call.workspace()).quarantined(existing_pipeline(call), filter);
  const auto cut = store::cut_page(std::move(entries), page,
                                   [](const auto& entry) { return std::vector{std::to_string(entry.id)}; });
  ordered_json items = ordered_json::array();
  for (const auto& entry : cut.items) items.push_back(quarantined_json(entry, may_see_values(call)));
  return json_response({{"items", std::move(items)}, {"nextPageToken", cut.next}});
}

Response get_quarantined_handler(const Call& call) {
  const auto& text = call.parameters.at("id");
  const auto id = parse_id(text);
  if (!id) throw Error(ErrorCode::kObjectNotFound, "There is no quarantined row " + text + ".");
  const auto entries = manager::CdcManager(call.workspace())
                           .quarantined(existing_pipeline(call), {.ids = {*id}, .discarded = true, .most = 1});
  if (entries.empty()) {
    throw Error(ErrorCode::kObjectNotFound, "No row " + text + " is in quarantine.",
                {.pipeline = call.parameters.at("name")});
  }
  return json_response(quarantined_json(entries.front(), may_see_values(call)));
}

Response retry_quarantine_handler(const Call& call) {
  const auto filter = chosen(optional_body(call.request));
  const auto name = existing_pipeline(call);
  const auto work = [workspace = call.workspace(), name, filter, actor = call.actor.user_name,
                     &events = call.services.events](const OperationRunner::Say& say, const std::stop_token& stop) {
    const auto rows = manager::CdcManager(workspace).retry_quarantined(name, filter, say, stop);
    const auto result = retried_json(name, rows);
    const bool all = result.at("left") == "0";
    events.append({.tenant = workspace.tenant,
                   .kind = "quarantine.retried",
                   .severity = all ? "info" : "warning",
                   .pipeline = name,
                   .actor = actor,
                   .message = result.at("settled").get<std::string>() + " row(s) of the quarantine were settled, " +
                              result.at("left").get<std::string>() + " are left"});
    return result;
  };
  const auto place = place_of(call);
  return accepted(
      call.services.operations.start({place.tenant, "pipeline.quarantine-retry", name, call.actor.user_name}, work),
      call.actor);
}

Response discard_quarantine_handler(const Call& call) {
  const auto filter = chosen(parse_body(call.request));
  if (filter.ids.empty() && filter.tables.empty()) {
    throw Error(ErrorCode::kUsage, "Say which rows are meant: ids or tables.", {.field = "ids"});
  }
  const auto name = existing_pipeline(call);
  const auto discarded = manager::CdcManager(call.workspace()).discard_quarantined(name, filter);
  call.services.events.append({.tenant = place_of(call).tenant,
                               .kind = "quarantine.discarded",
                               .severity = "warning",
                               .pipeline = name,
                               .actor = call.actor.user_name,
                               .message = std::to_string(discarded) + " row(s) of the quarantine were discarded"});
  return json_response({{"discarded", std::to_string(discarded)}});
}

}  // namespace millrace::server
