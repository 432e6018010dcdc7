#include <nlohmann/json.hpp>

#include "access/verify_audit.hpp"
#include "server/account_json.hpp"
#include "server/api_json.hpp"
#include "server/query.hpp"
#include "server/routes.hpp"
#include "store/audit_log.hpp"
#include "support/error.hpp"

namespace millrace::server {
namespace {

using nlohmann::ordered_json;

/// Of the whole log with the line's number and tenant. A tenant's own view has neither: numbers without the gaps that
/// other tenants leave would be made up, and those with them would tell how much others do.
ordered_json described(const security::AuditRecord& line, bool whole_log) {
  ordered_json value{{"id", line.hash},         {"time", rfc3339(line.time_ms)}, {"actor", line.actor},
                     {"action", line.action},   {"object", line.object},         {"outcome", line.outcome},
                     {"address", line.address}, {"details", line.details}};
  if (whole_log) {
    value["sequence"] = std::to_string(line.sequence);
    value["tenant"] = line.tenant;
  }
  return value;
}

}  // namespace

Response list_audit_handler(const Call& call) {
  const auto& request = call.request;
  const bool whole_log = flag_parameter(request, "all");
  if (whole_log) security::require(call.actor, security::Permission::kAuditReadAll);
  store::AuditLog::Filter filter;
  if (!whole_log) filter.tenant = call.actor.tenant;
  filter.actor = request.parameter("actor");
  filter.action = request.parameter("action");
  filter.outcome = word_parameter(request, "outcome", {"", "ok", "denied", "failed"});
  filter.from_ms = moment_parameter(request, "from");
  filter.to_ms = moment_parameter(request, "to");
  const auto page = call.services.database->read(
      [&](store::Session& session) { return store::AuditLog(session).list(filter, page_parameters(request)); });
  ordered_json items = ordered_json::array();
  for (const auto& line : page.items) items.push_back(described(line, whole_log));
  return json_response({{"items", std::move(items)}, {"nextPageToken", page.next}});
}

Response verify_audit_handler(const Call& call) {
  std::optional<security::ChainHead> expected;
  if (const auto text = call.request.parameter("expect"); !text.empty()) expected = access::parse_head(text, "expect");
  return json_response(audit_report_json(access::verify_audit(*call.services.database, expected)));
}

}  // namespace millrace::server
