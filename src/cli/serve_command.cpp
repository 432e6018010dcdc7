#include "cli/serve_command.hpp"

#include <CLI/CLI.hpp>

#include <cstdlib>
#include <iostream>
#include <memory>

#include "cli/passwords.hpp"
#include "cli/serve_config.hpp"
#include "server/serve.hpp"

namespace millrace::cli {
namespace {

/// A secret of the environment, which no child of this process needs.
Secret taken(const char* variable) {
  const char* text = std::getenv(variable);
  Secret secret(text == nullptr ? "" : text);
  unsetenv(variable);
  return secret;
}

}  // namespace

void add_serve_command(CLI::App& app, Context& context) {
  auto* verb = app.add_subcommand("serve", "Serve the HTTP API and run every pipeline of the embedded engine");
  auto options = std::make_shared<ServeOptions>(*verb);
  auto secret_file = std::make_shared<std::string>();
  verb->add_option(
          "--oidc-client-secret-file", *secret_file,
          "File with the client's secret in its first line [MILLRACE_OIDC_CLIENT_SECRET]; none: a public client")
      ->group("Sign-in by an identity provider (OpenID Connect)");
  verb->footer(
      "With no setting it listens on http://127.0.0.1:8080 and keeps everything in --data-dir. Settings come from "
      "options,\n"
      "else from the environment, else from the file; `millrace config show` tells which. The first start makes the "
      "user\n"
      "admin; the password is MILLRACE_ADMIN_PASSWORD, or one that is told once. One server uses a data directory. "
      "SIGTERM\n"
      "and Ctrl-C end it when its requests are answered; pipelines go on from where they stopped at the next start. "
      "The API\n"
      "describes itself at /api/openapi.json.");
  verb->callback([options, secret_file, &context] {
    context.action = [options, secret_file, &context] {
      if (context.server.given()) context.require_local("serve", "It is a server itself.");
      auto settings = options->config(context.data_dir, context.data_dir_named).settings();
      settings.oidc.client_secret = find_optional_secret({}, {.label = "Client secret of the identity provider",
                                                              .field = "oidc-client-secret",
                                                              .file = *secret_file,
                                                              .environment = "MILLRACE_OIDC_CLIENT_SECRET",
                                                              .prompt = false});
      taken("MILLRACE_OIDC_CLIENT_SECRET");
      settings.first_password = taken("MILLRACE_ADMIN_PASSWORD");
      server::serve(
          settings, [](const std::string& line) { std::cout << line << std::endl; }, context.signals.token());
      return 0;
    };
  });
}

}  // namespace millrace::cli
