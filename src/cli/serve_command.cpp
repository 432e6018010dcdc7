#include "cli/serve_command.hpp"

#include <CLI/CLI.hpp>

#include <cstdlib>
#include <iostream>
#include <memory>

#include "cli/passwords.hpp"
#include "server/serve.hpp"

namespace millrace::cli {
namespace {

void add_oidc_options(CLI::App& verb, server::ServeSettings& settings, std::string& secret_file) {
  constexpr const char* kGroup = "Sign-in by an identity provider (OpenID Connect)";
  auto& oidc = settings.oidc;
  verb.add_option("--oidc-issuer", oidc.issuer, "Its issuer, an https URL; left out: people sign in by password alone")
      ->envname("MILLRACE_OIDC_ISSUER")
      ->group(kGroup);
  verb.add_option("--oidc-client-id", oidc.client_id, "What it knows Millrace as")
      ->envname("MILLRACE_OIDC_CLIENT_ID")
      ->group(kGroup);
  verb.add_option(
          "--oidc-client-secret-file", secret_file,
          "File with the client's secret in its first line [MILLRACE_OIDC_CLIENT_SECRET]; none: a public client")
      ->group(kGroup);
  verb.add_option("--oidc-redirect-base", oidc.redirect_base,
                  "How browsers reach this server, as https://millrace.example; the provider must allow\n"
                  "<base>/api/v1/auth/oidc/callback")
      ->envname("MILLRACE_OIDC_REDIRECT_BASE")
      ->group(kGroup);
  verb.add_option("--oidc-name", oidc.display_name, "What the page calls it; left out: its host")->group(kGroup);
  verb.add_option("--oidc-ca-file", oidc.ca_file, "CA certificates of its server, PEM; left out: the system's")
      ->group(kGroup);
  verb.add_flag("!--oidc-no-email-link", oidc.link_by_email,
                "A verified e-mail address links no existing user: only those who are linked sign in")
      ->group(kGroup);
  verb.add_flag("--oidc-create-users", oidc.create_users, "Somebody whom no user belongs to becomes one")
      ->group(kGroup);
  verb.add_option("--oidc-name-claim", oidc.name_claim, "The claim that names such a user")
      ->capture_default_str()
      ->group(kGroup);
  verb.add_option("--oidc-create-tenant", oidc.create_tenant, "The id of the tenant that such a user is a member of")
      ->capture_default_str()
      ->group(kGroup);
  verb.add_option("--oidc-create-role", oidc.create_role, "The role there: viewer, operator or admin")
      ->capture_default_str()
      ->group(kGroup);
}

}  // namespace

void add_serve_command(CLI::App& app, Context& context) {
  auto* verb = app.add_subcommand("serve", "Serve the HTTP API and run every pipeline of the embedded engine");
  auto settings = std::make_shared<server::ServeSettings>();
  auto oidc_secret_file = std::make_shared<std::string>();
  verb->add_option("--store", settings->store,
                   "postgres://.. where everything but the key is kept, instead of the data directory")
      ->envname("MILLRACE_STORE");
  verb->add_option("--listen", settings->address, "Numeric address to listen on")->capture_default_str();
  verb->add_option("--port", settings->port, "Port to listen on; 0: any free one")->capture_default_str();
  verb->add_option("--tls-cert", settings->certificate_file, "Certificate chain, PEM");
  verb->add_option("--tls-key", settings->key_file, "Its private key, PEM");
  verb->add_flag("--insecure-listen", settings->insecure_listen,
                 "Plain HTTP on an address that is not the loopback: behind a proxy that does TLS");
  verb->add_option("--allow-networks", settings->allow_networks,
                   "Networks that pipelines may connect to besides public ones: private, loopback, or ranges as\n"
                   "10.1.0.0/16; left out: private, and loopback while the server itself listens only there")
      ->delimiter(',');
  verb->add_option("--certificates", settings->certificates,
                   "Folder of the certificates and keys that pipelines may name; left out: certificates in --data-dir")
      ->envname("MILLRACE_CERTIFICATES");
  add_oidc_options(*verb, *settings, *oidc_secret_file);
  verb->footer(
      "With no other setting it listens on http://127.0.0.1:8080 and keeps everything in --data-dir. The first start\n"
      "makes the user admin; the password is MILLRACE_ADMIN_PASSWORD, or one that is told once. One server uses a\n"
      "data directory. SIGTERM and Ctrl-C end it when its requests are answered; pipelines go on from where they\n"
      "stopped at the next start. The API describes itself at /api/openapi.json.");
  verb->callback([settings, oidc_secret_file, &context] {
    context.action = [settings, oidc_secret_file, &context] {
      if (context.server.given()) context.require_local("serve", "It is a server itself.");
      settings->data_dir = context.data_dir;
      settings->oidc.client_secret = find_optional_secret({}, {.label = "Client secret of the identity provider",
                                                               .field = "oidc-client-secret",
                                                               .file = *oidc_secret_file,
                                                               .environment = "MILLRACE_OIDC_CLIENT_SECRET",
                                                               .prompt = false});
      unsetenv("MILLRACE_OIDC_CLIENT_SECRET");
      if (const char* password = std::getenv("MILLRACE_ADMIN_PASSWORD")) settings->first_password = Secret(password);
      // No child of this process needs it.
      unsetenv("MILLRACE_ADMIN_PASSWORD");
      server::serve(
          *settings, [](const std::string& line) { std::cout << line << std::endl; }, context.signals.token());
      return 0;
    };
  });
}

}  // namespace millrace::cli
