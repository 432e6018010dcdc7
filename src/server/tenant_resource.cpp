#include <nlohmann/json.hpp>

#include "server/api_json.hpp"
#include "server/body_fields.hpp"
#include "server/conditional.hpp"
#include "server/query.hpp"
#include "server/routes.hpp"
#include "store/outcome.hpp"
#include "store/tenants.hpp"

namespace millrace::server {
namespace {

using nlohmann::ordered_json;

ordered_json described(store::Session& session, const store::TenantRecord& tenant) {
  return {{"id", tenant.id},
          {"name", tenant.name},
          {"createdAt", rfc3339(tenant.created_ms)},
          {"revision", std::to_string(tenant.revision)},
          {"pipelines", store::Tenants(session).count_pipelines(tenant.id)}};
}

Response answer_tenant(const Call& call, const std::string& id, int status = 200) {
  return call.services.database->read([&](store::Session& session) {
    const auto tenant = store::Tenants(session).find(id);
    if (!tenant) throw store::not_found("tenant");
    auto response = json_response(described(session, *tenant), status);
    response.headers.emplace_back("ETag", etag(tenant->revision));
    return response;
  });
}

std::string name_member(const Call& call) {
  const auto body = parse_body(call.request);
  refuse_unknown(body, {"name"});
  return needed_text_field(body, "name");
}

}  // namespace

Response list_tenants_handler(const Call& call) {
  return call.services.database->read([&](store::Session& session) {
    const auto page = store::Tenants(session).list(page_parameters(call.request));
    ordered_json items = ordered_json::array();
    for (const auto& tenant : page.items) items.push_back(described(session, tenant));
    return json_response({{"items", std::move(items)}, {"nextPageToken", page.next}});
  });
}

Response create_tenant_handler(const Call& call) {
  const auto tenant = call.services.accounts.create_tenant(call.actor, name_member(call));
  auto response = answer_tenant(call, tenant.id, 201);
  response.headers.emplace_back("Location", "/api/v1/tenants/" + tenant.id);
  return response;
}

Response get_tenant_handler(const Call& call) {
  return answer_tenant(call, call.parameters.at("tenant"));
}

Response rename_tenant_handler(const Call& call) {
  const auto& id = call.parameters.at("tenant");
  call.services.accounts.rename_tenant(call.actor, id, name_member(call), if_match(call.request));
  return answer_tenant(call, id);
}

Response delete_tenant_handler(const Call& call) {
  call.services.accounts.remove_tenant(call.actor, call.parameters.at("tenant"), if_match(call.request));
  return {.status = 204};
}

}  // namespace millrace::server
