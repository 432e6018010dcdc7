#pragma once

#include <map>
#include <string>
#include <vector>

#include "access/accounts.hpp"
#include "manager/pipeline_cache.hpp"
#include "manager/workspace.hpp"
#include "pipeline/server_sessions.hpp"
#include "security/roles.hpp"
#include "server/alerts.hpp"
#include "server/event_feed.hpp"
#include "server/http.hpp"
#include "server/live_board.hpp"
#include "server/oidc_provider.hpp"
#include "server/operation_runner.hpp"
#include "server/supervisor.hpp"

namespace millrace::server {

/// What handlers work with.
struct Services {
  std::shared_ptr<store::Database> database;
  std::shared_ptr<security::SecretBox> box;
  manager::Workspace workspace;  ///< whose tenant does not matter
  access::Accounts& accounts;
  EventFeed& events;
  Supervisor& supervisor;
  LiveBoard& board;
  Alerts& alerts;
  OperationRunner& operations;
  manager::PipelineCache& listed;
  pipeline::ServerSessions& sessions;  ///< on which answers of `status` ask
  OidcProvider* oidc = nullptr;        ///< nothing: nobody signs in by one
  bool tls = false;
  std::stop_token stop;  ///< of the server: ends long work

  manager::Workspace workspace_of(const std::string& tenant) const { return workspace.of(tenant); }
};

/// One request at its route.
struct Call {
  const Request& request;
  Services& services;
  std::map<std::string, std::string> parameters;  ///< of the path: "name"
  security::Actor actor;                          ///< who asks; of nobody at a public route
  mutable std::string audit_details = {};         ///< JSON for the audit line, by the handler; empty: none

  /// Of the tenant that the actor's credential acts in: nothing of another one can be reached through it. A tenant
  /// never comes from what a request says.
  manager::Workspace workspace() const { return services.workspace_of(actor.tenant); }
};

/// Who may call a route: everybody, whoever signed in, or who has the route's permission. There is no other: a route
/// without a row is not found.
enum class Access { kPublic, kSignedIn, kPermitted };

struct Route {
  Route(std::string verb, std::string where, Access who, Response (*work)(const Call&))
      : method(std::move(verb)), path(std::move(where)), access(who), handler(work) {}
  Route(std::string verb, std::string where, security::Permission needed, Response (*work)(const Call&))
      : method(std::move(verb)),
        path(std::move(where)),
        access(Access::kPermitted),
        permission(needed),
        handler(work) {}

  std::string method;
  std::string path;  ///< as in api/openapi.yaml: "/api/v1/pipelines/{name}"
  Access access;
  security::Permission permission{};  ///< with kPermitted
  Response (*handler)(const Call&);
};

/// Every route of the server; the tests hold it against api/openapi.yaml.
const std::vector<Route>& routes();

/// Parameters of `path` when it fits the route's path, else false.
bool match(const Route& route, const std::string& path, std::map<std::string, std::string>& parameters);

/// The name of the session cookie: "__Host-millrace" under TLS, else "millrace".
std::string cookie_name(const Services& services);
/// The header Set-Cookie of a session's token.
std::string session_cookie(const Services& services, const std::string& token);

// Handlers, one file a resource.
Response sign_in_handler(const Call& call);
Response oidc_handler(const Call& call);
Response oidc_start_handler(const Call& call);
Response oidc_callback_handler(const Call& call);
Response sign_out_handler(const Call& call);
Response me_handler(const Call& call);
Response choose_tenant_handler(const Call& call);
Response change_password_handler(const Call& call);
Response list_sessions_handler(const Call& call);
Response end_session_handler(const Call& call);
Response list_users_handler(const Call& call);
Response create_user_handler(const Call& call);
Response get_user_handler(const Call& call);
Response update_user_handler(const Call& call);
Response delete_user_handler(const Call& call);
Response reset_password_handler(const Call& call);
Response put_membership_handler(const Call& call);
Response delete_membership_handler(const Call& call);
Response list_members_handler(const Call& call);
Response update_member_handler(const Call& call);
Response remove_member_handler(const Call& call);
Response list_api_keys_handler(const Call& call);
Response create_api_key_handler(const Call& call);
Response revoke_api_key_handler(const Call& call);
Response list_tenants_handler(const Call& call);
Response create_tenant_handler(const Call& call);
Response get_tenant_handler(const Call& call);
Response rename_tenant_handler(const Call& call);
Response delete_tenant_handler(const Call& call);
Response list_audit_handler(const Call& call);
Response verify_audit_handler(const Call& call);
Response list_connections_handler(const Call& call);
Response create_connection_handler(const Call& call);
Response get_connection_handler(const Call& call);
Response update_connection_handler(const Call& call);
Response delete_connection_handler(const Call& call);
Response test_connection_handler(const Call& call);
Response connection_tables_handler(const Call& call);
Response plan_handler(const Call& call);
Response create_handler(const Call& call);
Response list_handler(const Call& call);
Response get_handler(const Call& call);
Response status_handler(const Call& call);
Response progress_handler(const Call& call);
Response pipeline_metrics_handler(const Call& call);
Response configs_handler(const Call& call);
Response update_handler(const Call& call);
Response delete_handler(const Call& call);
Response pause_handler(const Call& call);
Response resume_handler(const Call& call);
Response restart_handler(const Call& call);
Response add_tables_handler(const Call& call);
Response remove_tables_handler(const Call& call);
Response reload_table_handler(const Call& call);
Response verify_handler(const Call& call);
Response list_quarantine_handler(const Call& call);
Response get_quarantined_handler(const Call& call);
Response retry_quarantine_handler(const Call& call);
Response discard_quarantine_handler(const Call& call);
Response restart_connector_handler(const Call& call);
Response restart_task_handler(const Call& call);
Response list_orphans_handler(const Call& call);
Response remove_orphan_handler(const Call& call);
Response list_channels_handler(const Call& call);
Response create_channel_handler(const Call& call);
Response get_channel_handler(const Call& call);
Response delete_channel_handler(const Call& call);
Response test_channel_handler(const Call& call);
Response list_rules_handler(const Call& call);
Response put_rule_handler(const Call& call);
Response list_operations_handler(const Call& call);
Response get_operation_handler(const Call& call);
Response cancel_operation_handler(const Call& call);
Response list_events_handler(const Call& call);
Response stream_events_handler(const Call& call);
Response healthz_handler(const Call& call);
Response readyz_handler(const Call& call);
Response metrics_handler(const Call& call);
Response version_handler(const Call& call);
Response openapi_yaml_handler(const Call& call);
Response openapi_json_handler(const Call& call);
Response page_handler(const Call& call);

}  // namespace millrace::server
