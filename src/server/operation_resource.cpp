#include <nlohmann/json.hpp>

#include "server/api_json.hpp"
#include "server/operation_json.hpp"
#include "server/query.hpp"
#include "server/routes.hpp"
#include "store/operations.hpp"
#include "support/error.hpp"

namespace millrace::server {

Response list_operations_handler(const Call& call) {
  const auto page = call.workspace().database->read([&](store::Session& session) {
    return store::Operations(session).list(call.workspace().tenant, page_parameters(call.request),
                                           call.request.parameter("target"));
  });
  nlohmann::ordered_json items = nlohmann::ordered_json::array();
  for (const auto& operation : page.items) items.push_back(operation_json(operation, call.actor));
  return json_response({{"items", std::move(items)}, {"nextPageToken", page.next}});
}

Response get_operation_handler(const Call& call) {
  const auto& id = call.parameters.at("operation");
  const auto operation = call.workspace().database->read(
      [&](store::Session& session) { return store::Operations(session).find(call.workspace().tenant, id); });
  if (!operation) throw Error(ErrorCode::kObjectNotFound, "There is no operation " + id + ".");
  return json_response(operation_json(*operation, call.actor));
}

Response cancel_operation_handler(const Call& call) {
  const auto operation = call.services.operations.cancel(call.workspace().tenant, call.parameters.at("operation"));
  constexpr int kAccepted = 202;
  return json_response(operation_json(operation, call.actor), kAccepted);
}

}  // namespace millrace::server
