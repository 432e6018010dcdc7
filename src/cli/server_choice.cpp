#include "cli/server_choice.hpp"

#include <CLI/CLI.hpp>

#include <cstdlib>

#include "cli/passwords.hpp"
#include "cli/server_client.hpp"
#include "support/environment.hpp"
#include "support/error.hpp"

namespace millrace::cli {

void ServerChoice::add_options(CLI::App& app) {
  const char* group = "A server to work with (`millrace login`)";
  auto* server = app.add_option("--server", server_, "URL of a server: verbs work there [MILLRACE_SERVER]");
  auto* context = app.add_option("--context", context_,
                                 "A server that was signed in to, by its context; local: this machine's own data "
                                 "directory [MILLRACE_CONTEXT]");
  server->group(group)->excludes(context);
  context->group(group);
  app.add_option("--token-file", token_file_,
                 "File with an API key in its first line; - reads standard input [MILLRACE_TOKEN]")
      ->group(group);
  app.add_option("--ca-file", ca_file_, "PEM file of the authority that signed the server's certificate")->group(group);
  app.add_flag("--insecure-http", insecure_http_, "Plain HTTP to a server that is not on the loopback")->group(group);
}

std::string ServerChoice::context_name() const {
  if (!context_.empty()) return context_;
  if (!server_.empty() || !environment("MILLRACE_SERVER").empty()) return {};
  if (const auto name = environment("MILLRACE_CONTEXT"); !name.empty()) return name;
  return ServerContexts().current();
}

ServerContext ServerChoice::to(const std::string& url) const {
  return {.server = server_url(url), .ca_file = ca_file_, .insecure_http = insecure_http_};
}

std::optional<ServerContext> ServerChoice::chosen() const {
  const auto name = context_name();
  if (name == kLocalContext) return std::nullopt;
  ServerContext found;
  if (name.empty()) {
    found = to(server_.empty() ? environment("MILLRACE_SERVER") : server_);
    // One that was signed in to is known by its URL too.
    const ServerContexts contexts;
    for (const auto& [known_name, known] : contexts.all()) {
      if (known.server == found.server) found = known;
    }
  } else {
    found = ServerContexts().find(name);
  }
  if (!ca_file_.empty()) found.ca_file = ca_file_;
  found.insecure_http = found.insecure_http || insecure_http_;
  const Secret token = find_optional_secret(
      {},
      {.label = "API key", .field = "token", .file = token_file_, .environment = "MILLRACE_TOKEN", .prompt = false});
  if (!token.empty()) found.token = token;
  if (found.token.empty()) {
    throw Error(ErrorCode::kSecretMissing, "There is no API key for the server " + found.server + ".",
                {.field = "token"})
        .suggest("Run `millrace login " + found.server + "`, or give a key by MILLRACE_TOKEN or --token-file.");
  }
  return found;
}

}  // namespace millrace::cli
