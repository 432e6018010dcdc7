#include "cli/serve_command.hpp"

#include <CLI/CLI.hpp>

#include <cstdlib>
#include <iostream>
#include <memory>

#include "server/serve.hpp"

namespace millrace::cli {

void add_serve_command(CLI::App& app, Context& context) {
  auto* verb = app.add_subcommand("serve", "Serve the HTTP API and run every pipeline of the embedded engine");
  auto settings = std::make_shared<server::ServeSettings>();
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
  verb->footer(
      "With no other setting it listens on http://127.0.0.1:8080 and keeps everything in --data-dir. The first start\n"
      "makes the user admin; the password is MILLRACE_ADMIN_PASSWORD, or one that is told once. One server uses a\n"
      "data directory. SIGTERM and Ctrl-C end it when its requests are answered; pipelines go on from where they\n"
      "stopped at the next start. The API describes itself at /api/openapi.json.");
  verb->callback([settings, &context] {
    context.action = [settings, &context] {
      settings->data_dir = context.data_dir;
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
