#include "server/routes.hpp"

namespace millrace::server {
namespace {

std::vector<std::string> parts(const std::string& path) {
  std::vector<std::string> list;
  std::size_t begin = 1;
  while (begin <= path.size()) {
    auto end = path.find('/', begin);
    if (end == std::string::npos) end = path.size();
    list.push_back(path.substr(begin, end - begin));
    begin = end + 1;
  }
  return list;
}

}  // namespace

const std::vector<Route>& routes() {
  using enum security::Permission;
  constexpr auto kPublic = Access::kPublic;
  constexpr auto kSignedIn = Access::kSignedIn;
  static const std::vector<Route> kRoutes{
      {"GET", "/", kPublic, page_handler},
      {"GET", "/healthz", kPublic, healthz_handler},
      {"GET", "/readyz", kPublic, readyz_handler},
      {"GET", "/version", kPublic, version_handler},
      {"GET", "/metrics", kMetricsRead, metrics_handler},
      {"GET", "/api/openapi.yaml", kPublic, openapi_yaml_handler},
      {"GET", "/api/openapi.json", kPublic, openapi_json_handler},
      {"POST", "/api/v1/auth/login", kPublic, sign_in_handler},
      {"GET", "/api/v1/auth/oidc", kPublic, oidc_handler},
      {"GET", "/api/v1/auth/oidc/start", kPublic, oidc_start_handler},
      {"GET", "/api/v1/auth/oidc/callback", kPublic, oidc_callback_handler},
      {"POST", "/api/v1/auth/logout", kSignedIn, sign_out_handler},
      {"GET", "/api/v1/auth/me", kSignedIn, me_handler},
      {"GET", "/api/v1/alerts/channels", kAlertsRead, list_channels_handler},
      {"POST", "/api/v1/alerts/channels", kAlertsWrite, create_channel_handler},
      {"GET", "/api/v1/alerts/channels/{id}", kAlertsRead, get_channel_handler},
      {"DELETE", "/api/v1/alerts/channels/{id}", kAlertsWrite, delete_channel_handler},
      {"POST", "/api/v1/alerts/channels/{id}/test", kAlertsWrite, test_channel_handler},
      {"GET", "/api/v1/alerts/rules", kAlertsRead, list_rules_handler},
      {"PUT", "/api/v1/alerts/rules/{rule}", kAlertsWrite, put_rule_handler},
      {"POST", "/api/v1/auth/tenant", kSignedIn, choose_tenant_handler},
      {"POST", "/api/v1/auth/password", kSignedIn, change_password_handler},
      {"GET", "/api/v1/auth/sessions", kSignedIn, list_sessions_handler},
      {"DELETE", "/api/v1/auth/sessions/{session}", kSignedIn, end_session_handler},
      {"GET", "/api/v1/users", kUsersRead, list_users_handler},
      {"POST", "/api/v1/users", kUsersWrite, create_user_handler},
      {"GET", "/api/v1/users/{user}", kUsersRead, get_user_handler},
      {"PATCH", "/api/v1/users/{user}", kUsersWrite, update_user_handler},
      {"DELETE", "/api/v1/users/{user}", kUsersWrite, delete_user_handler},
      {"POST", "/api/v1/users/{user}/password", kUsersWrite, reset_password_handler},
      {"PUT", "/api/v1/users/{user}/memberships/{tenant}", kUsersWrite, put_membership_handler},
      {"DELETE", "/api/v1/users/{user}/memberships/{tenant}", kUsersWrite, delete_membership_handler},
      {"GET", "/api/v1/members", kMembersRead, list_members_handler},
      {"PATCH", "/api/v1/members/{user}", kMembersWrite, update_member_handler},
      {"DELETE", "/api/v1/members/{user}", kMembersWrite, remove_member_handler},
      {"GET", "/api/v1/api-keys", kApiKeysOwn, list_api_keys_handler},
      {"POST", "/api/v1/api-keys", kApiKeysOwn, create_api_key_handler},
      {"DELETE", "/api/v1/api-keys/{key}", kApiKeysOwn, revoke_api_key_handler},
      {"GET", "/api/v1/tenants", kTenantsRead, list_tenants_handler},
      {"POST", "/api/v1/tenants", kTenantsWrite, create_tenant_handler},
      {"GET", "/api/v1/tenants/{tenant}", kTenantsRead, get_tenant_handler},
      {"PATCH", "/api/v1/tenants/{tenant}", kTenantsWrite, rename_tenant_handler},
      {"DELETE", "/api/v1/tenants/{tenant}", kTenantsWrite, delete_tenant_handler},
      {"GET", "/api/v1/audit", kAuditRead, list_audit_handler},
      {"GET", "/api/v1/audit:verify", kAuditReadAll, verify_audit_handler},
      {"GET", "/api/v1/events", kEventsRead, list_events_handler},
      {"GET", "/api/v1/events/stream", kEventsRead, stream_events_handler},
      {"GET", "/api/v1/orphans", kOrphansRead, list_orphans_handler},
      {"DELETE", "/api/v1/orphans/{id}", kOrphansClean, remove_orphan_handler},
      {"GET", "/api/v1/operations", kOperationsRead, list_operations_handler},
      {"GET", "/api/v1/operations/{operation}", kOperationsRead, get_operation_handler},
      {"POST", "/api/v1/operations/{operation}/cancel", kOperationsCancel, cancel_operation_handler},
      {"GET", "/api/v1/connections", kConnectionsRead, list_connections_handler},
      {"POST", "/api/v1/connections", kConnectionsWrite, create_connection_handler},
      {"GET", "/api/v1/connections/{connection}", kConnectionsRead, get_connection_handler},
      {"PATCH", "/api/v1/connections/{connection}", kConnectionsWrite, update_connection_handler},
      {"DELETE", "/api/v1/connections/{connection}", kConnectionsWrite, delete_connection_handler},
      {"POST", "/api/v1/connections:test", kConnectionsUse, test_connection_handler},
      {"POST", "/api/v1/connections:tables", kConnectionsUse, connection_tables_handler},
      {"GET", "/api/v1/pipelines", kPipelinesRead, list_handler},
      {"POST", "/api/v1/pipelines", kPipelinesCreate, create_handler},
      {"POST", "/api/v1/pipelines:plan", kPipelinesPlan, plan_handler},
      {"GET", "/api/v1/pipelines/{name}", kPipelinesRead, get_handler},
      {"PATCH", "/api/v1/pipelines/{name}", kPipelinesUpdate, update_handler},
      {"DELETE", "/api/v1/pipelines/{name}", kPipelinesDelete, delete_handler},
      {"GET", "/api/v1/pipelines/{name}/configs", kConfigsRead, configs_handler},
      {"GET", "/api/v1/pipelines/{name}/status", kPipelinesRead, status_handler},
      {"GET", "/api/v1/pipelines/{name}/progress", kPipelinesRead, progress_handler},
      {"GET", "/api/v1/pipelines/{name}/metrics", kMetricsRead, pipeline_metrics_handler},
      {"POST", "/api/v1/pipelines/{name}/verify", kPipelinesOperate, verify_handler},
      {"GET", "/api/v1/pipelines/{name}/quarantine", kPipelinesRead, list_quarantine_handler},
      {"POST", "/api/v1/pipelines/{name}/quarantine/retry", kPipelinesOperate, retry_quarantine_handler},
      {"POST", "/api/v1/pipelines/{name}/quarantine/discard", kPipelinesRepair, discard_quarantine_handler},
      {"GET", "/api/v1/pipelines/{name}/quarantine/{id}", kPipelinesRead, get_quarantined_handler},
      {"POST", "/api/v1/pipelines/{name}/connectors/{connector}/restart", kPipelinesOperate, restart_connector_handler},
      {"POST", "/api/v1/pipelines/{name}/connectors/{connector}/tasks/{task}/restart", kPipelinesOperate,
       restart_task_handler},
      {"POST", "/api/v1/pipelines/{name}/pause", kPipelinesOperate, pause_handler},
      {"POST", "/api/v1/pipelines/{name}/resume", kPipelinesOperate, resume_handler},
      {"POST", "/api/v1/pipelines/{name}/restart", kPipelinesOperate, restart_handler},
      {"POST", "/api/v1/pipelines/{name}/tables", kPipelinesUpdate, add_tables_handler},
      {"DELETE", "/api/v1/pipelines/{name}/tables/{table}", kPipelinesUpdate, remove_tables_handler},
      {"POST", "/api/v1/pipelines/{name}/tables/{table}/reload", kPipelinesOperate, reload_table_handler},
  };
  return kRoutes;
}

bool match(const Route& route, const std::string& path, std::map<std::string, std::string>& parameters) {
  const auto wanted = parts(route.path);
  const auto given = parts(path);
  if (wanted.size() != given.size()) return false;
  parameters.clear();
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i].starts_with('{')) {
      if (given[i].empty()) return false;
      parameters[wanted[i].substr(1, wanted[i].size() - 2)] = given[i];
    } else if (wanted[i] != given[i]) {
      return false;
    }
  }
  return true;
}

std::string cookie_name(const Services& services) {
  return services.tls ? "__Host-millrace" : "millrace";
}

std::string session_cookie(const Services& services, const std::string& token) {
  return cookie_name(services) + "=" + token + "; Path=/; HttpOnly; SameSite=Lax" + (services.tls ? "; Secure" : "");
}

}  // namespace millrace::server
