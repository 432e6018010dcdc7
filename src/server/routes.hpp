#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "server/event_feed.hpp"
#include "server/http.hpp"
#include "server/sign_in.hpp"
#include "server/supervisor.hpp"

namespace millrace::server {

/// What handlers work with.
struct Services {
  std::filesystem::path data_dir;
  SignIn& sign_in;
  EventFeed& events;
  Supervisor& supervisor;
  bool tls = false;
  std::stop_token stop;  ///< of the server: ends long work
};

/// One request at its route.
struct Call {
  const Request& request;
  Services& services;
  std::map<std::string, std::string> parameters;  ///< of the path: "name"
};

/// Who may call a route. There is no third: a route without a row is not found.
enum class Access { kPublic, kAdministrator };

struct Route {
  std::string method;
  std::string path;  ///< as in api/openapi.yaml: "/api/v1/pipelines/{name}"
  Access access;
  Response (*handler)(const Call&);
};

/// Every route of the server; the tests hold it against api/openapi.yaml.
const std::vector<Route>& routes();

/// Parameters of `path` when it fits the route's path, else false.
bool match(const Route& route, const std::string& path, std::map<std::string, std::string>& parameters);

/// The name of the session cookie: "__Host-millrace" under TLS, else "millrace".
std::string cookie_name(const Services& services);

// Handlers, one file a resource.
Response sign_in_handler(const Call& call);
Response sign_out_handler(const Call& call);
Response me_handler(const Call& call);
Response plan_handler(const Call& call);
Response create_handler(const Call& call);
Response list_handler(const Call& call);
Response get_handler(const Call& call);
Response status_handler(const Call& call);
Response delete_handler(const Call& call);
Response pause_handler(const Call& call);
Response resume_handler(const Call& call);
Response restart_handler(const Call& call);
Response add_tables_handler(const Call& call);
Response remove_tables_handler(const Call& call);
Response reload_table_handler(const Call& call);
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
