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
  constexpr auto kPublic = Access::kPublic;
  constexpr auto kAdmin = Access::kAdministrator;
  static const std::vector<Route> kRoutes{
      {"GET", "/", kPublic, page_handler},
      {"GET", "/healthz", kPublic, healthz_handler},
      {"GET", "/readyz", kPublic, readyz_handler},
      {"GET", "/version", kPublic, version_handler},
      {"GET", "/metrics", kAdmin, metrics_handler},
      {"GET", "/api/openapi.yaml", kPublic, openapi_yaml_handler},
      {"GET", "/api/openapi.json", kPublic, openapi_json_handler},
      {"POST", "/api/v1/auth/login", kPublic, sign_in_handler},
      {"POST", "/api/v1/auth/logout", kAdmin, sign_out_handler},
      {"GET", "/api/v1/auth/me", kAdmin, me_handler},
      {"GET", "/api/v1/events", kAdmin, list_events_handler},
      {"GET", "/api/v1/events/stream", kAdmin, stream_events_handler},
      {"GET", "/api/v1/pipelines", kAdmin, list_handler},
      {"POST", "/api/v1/pipelines", kAdmin, create_handler},
      {"POST", "/api/v1/pipelines:plan", kAdmin, plan_handler},
      {"GET", "/api/v1/pipelines/{name}", kAdmin, get_handler},
      {"DELETE", "/api/v1/pipelines/{name}", kAdmin, delete_handler},
      {"GET", "/api/v1/pipelines/{name}/status", kAdmin, status_handler},
      {"POST", "/api/v1/pipelines/{name}/pause", kAdmin, pause_handler},
      {"POST", "/api/v1/pipelines/{name}/resume", kAdmin, resume_handler},
      {"POST", "/api/v1/pipelines/{name}/restart", kAdmin, restart_handler},
      {"POST", "/api/v1/pipelines/{name}/tables", kAdmin, add_tables_handler},
      {"DELETE", "/api/v1/pipelines/{name}/tables/{table}", kAdmin, remove_tables_handler},
      {"POST", "/api/v1/pipelines/{name}/tables/{table}/reload", kAdmin, reload_table_handler},
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
