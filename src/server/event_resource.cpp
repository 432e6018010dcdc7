#include <nlohmann/json.hpp>

#include "server/api_json.hpp"
#include "server/authenticate.hpp"
#include "server/query.hpp"
#include "server/routes.hpp"

namespace millrace::server {

Response list_events_handler(const Call& call) {
  const auto& request = call.request;
  const store::Events::Filter filter{.pipeline = request.parameter("pipeline"),
                                     .kind = request.parameter("kind"),
                                     .severity = word_parameter(request, "severity", {"", "info", "warning", "error"}),
                                     .from_ms = moment_parameter(request, "from"),
                                     .to_ms = moment_parameter(request, "to")};
  const auto page = call.services.events.list(call.workspace().tenant, filter, page_parameters(request));
  nlohmann::ordered_json items = nlohmann::ordered_json::array();
  const auto& events = call.services.events;
  for (const auto& event : page.items) items.push_back(nlohmann::ordered_json::parse(events.json_text(event)));
  return json_response({{"items", std::move(items)}, {"nextPageToken", page.next}});
}

Response stream_events_handler(const Call& call) {
  Response response{.type = "text/event-stream"};
  response.headers.emplace_back("X-Accel-Buffering", "no");
  response.stream = [&services = call.services, tenant = call.actor.tenant,
                     last = call.request.header("last-event-id")](const std::shared_ptr<StreamWriter>& view) {
    services.events.follow(tenant, view, last, services.board.as_stream(tenant));
  };
  // The credential may end before the stream does, or look at another tenant from now on.
  response.may_stay = [request = call.request, &services = call.services, tenant = call.actor.tenant] {
    return still_allowed(request, services, tenant, security::Permission::kEventsRead);
  };
  return response;
}

}  // namespace millrace::server
