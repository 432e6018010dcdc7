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
      {"POST", "/api/v1/auth/logout", kSignedIn, sign_out_handler},
      {"GET", "/api/v1/auth/me", kSignedIn, me_handler},
      {"GET", "/api/v1/alerts/channels", kAlertsRead, list_channels_handler},
      {"POST", "/api/v1/alerts/channels", kAlertsWrite, create_channel_handler},
      {"GET", "/api/v1/alerts/channels/{id}", kAlertsRead, get_channel_handler},
      {"DELETE", "/api/v1/alerts/channels/{id}", kAlertsWrite, delete_channel_handler},
      {"POST", "/api/v1/alerts/channels/{id}/test", kAlertsWrite, test_channel_handler},
      {"GET", "/api/v1/alerts/rules", kAlertsRead, list_rules_handler},
      {"PUT", "/api/v1/alerts/rules/{rule}", kAlertsWrite, put_rule_handler},
      {"GET", "/api/v1/events", kEventsRead, list_events_handler},
      {"GET", "/api/v1/events/stream", kEventsRead, stream_events_handler},
      {"GET", "/api/v1/orphans", kOrphansRead, list_orphans_handler},
      {"DELETE", "/api/v1/orphans/{id}", kOrphansClean, remove_orphan_handler},
      {"GET", "/api/v1/pipelines", kPipelinesRead, list_handler},
      {"POST", "/api/v1/pipelines", kPipelinesCreate, create_handler},
      {"POST", "/api/v1/pipelines:plan", kPipelinesPlan, plan_handler},
      {"GET", "/api/v1/pipelines/{name}", kPipelinesRead, get_handler},
      {"DELETE", "/api/v1/pipelines/{name}", kPipelinesDelete, delete_handler},
      {"GET", "/api/v1/pipelines/{name}/status", kPipelinesRead, status_handler},
      {"GET", "/api/v1/pipelines/{name}/progress", kPipelinesRead, progress_handler},
      {"GET", "/api/v1/pipelines/{name}/metrics", kMetricsRead, pipeline_metrics_handler},
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

}  // namespace millrace::server
