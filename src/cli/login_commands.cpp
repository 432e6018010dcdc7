#include "cli/login_commands.hpp"

#include <unistd.h>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/login.hpp"
#include "cli/passwords.hpp"
#include "cli/server_client.hpp"
#include "support/environment.hpp"
#include "support/error.hpp"

namespace millrace::cli {
namespace {

using nlohmann::ordered_json;

constexpr const char* kFirstUser = "admin";

struct LoginOptions {
  std::string server;
  std::string name;
  std::string user;
  std::string password_file;
  std::string role;
  std::string tenant;
  int days = 90;
};
using SharedLogin = std::shared_ptr<LoginOptions>;

/// "https://millrace.example:8443" -> "millrace.example-8443".
std::string name_of(const std::string& server) {
  std::string name = server.substr(server.find("//") + 2);
  std::replace_if(
      name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) == 0 && c != '.' && c != '_'; }, '-');
  const auto first = name.find_first_not_of('-');
  return first == std::string::npos ? "server" : name.substr(first, name.find_last_not_of('-') - first + 1);
}

std::string ask_user(const std::string& server) {
  std::cerr << "User of " << server << " [" << kFirstUser << "]: " << std::flush;
  std::string user;
  std::getline(std::cin, user);
  return user;
}

std::string find_user(const LoginOptions& options, const std::string& server) {
  auto user = options.user;
  if (user.empty()) user = environment("MILLRACE_USER");
  if (user.empty() && options.password_file.empty() && isatty(STDIN_FILENO) != 0) user = ask_user(server);
  return user.empty() ? kFirstUser : user;
}

LoginRequest request_of(const Context& context, const LoginOptions& options) {
  LoginRequest request{
      .to = context.server.to(options.server), .tenant = options.tenant, .role = options.role, .days = options.days};
  if (!context.server.token_file().empty()) {
    request.to.token = find_password({}, {.label = "API key",
                                          .field = "token",
                                          .file = context.server.token_file(),
                                          .environment = "MILLRACE_TOKEN",
                                          .prompt = false});
    return request;
  }
  request.user = find_user(options, request.to.server);
  request.password = find_password({}, {.label = "Password of " + request.user + " at " + request.to.server,
                                        .field = "password",
                                        .file = options.password_file,
                                        .environment = "MILLRACE_PASSWORD"});
  return request;
}

int run_login(const Context& context, const LoginOptions& options) {
  const auto& stop = context.signals.token();
  ServerContexts contexts;
  const auto request = request_of(context, options);
  const auto name = options.name.empty() ? name_of(request.to.server) : options.name;
  std::optional<ServerContext> before;
  if (const auto found = contexts.all().find(name); found != contexts.all().end()) before = found->second;
  if (before && before->server != request.to.server) {
    throw Error(ErrorCode::kUsage, "The context " + name + " is of another server, " + before->server + ".",
                {.field = "name"})
        .suggest("Choose another name with --name, or `millrace context remove " + name + "` first.");
  }
  // A name that cannot be used is told before a key is made.
  contexts.put(name, request.to);
  const auto result = log_in(request, stop);
  contexts.put(name, result.context);
  contexts.use(name);
  contexts.save();
  if (before && !before->key_id.empty() && before->token.reveal() != result.context.token.reveal()) {
    try {
      revoke_key(*before, stop);
    } catch (const Error& error) {
      std::cerr << "⚠ The key of before could not be revoked: " << error.message() << '\n';
    }
  }
  answer(context,
         "✓ Signed in to " + result.context.server + " as " + result.user + ", tenant " + result.tenant +
             ". Verbs work there now; `millrace context use local` goes back to this machine.",
         {{"context", name},
          {"server", result.context.server},
          {"user", result.user},
          {"tenant", result.tenant},
          {"key_id", result.context.key_id},
          {"expires", result.expires.empty() ? ordered_json(nullptr) : ordered_json(result.expires)}});
  return 0;
}

void add_login(CLI::App& app, Context& context) {
  auto* verb = app.add_subcommand("login", "Sign in to a server; the other verbs then work there");
  auto options = std::make_shared<LoginOptions>();
  verb->add_option("url", options->server, "https://host:port of the server")->required();
  verb->add_option("--user", options->user, "Name of the user; asked for on a terminal [MILLRACE_USER]");
  verb->add_option("--password-file", options->password_file,
                   "File with the password in its first line; - reads standard input [MILLRACE_PASSWORD]");
  verb->add_option("--name", options->name, "Name of the context that is made (default: from the URL)");
  verb->add_option("--tenant", options->tenant,
                   "Name or id of the tenant to work in; left out: the first of the user's");
  verb->add_option("--role", options->role, "viewer, operator or admin: less than the user's own");
  verb->add_option("--days", options->days, "Days until the key runs out; 0: never")
      ->check(CLI::Range(0, 3650))
      ->capture_default_str();
  verb->footer(
      "An API key is made and kept in ~/.config/millrace/config.yaml, readable by its owner alone; the password and "
      "the\n"
      "session are not kept. `millrace logout` revokes it. Somebody who signs in by an identity provider makes a key "
      "on\n"
      "the server's page and gives it with --token-file.\n\n"
      "  millrace login https://millrace.example:8443\n"
      "  millrace login https://millrace.example:8443 --token-file key.txt --name prod\n"
      "  millrace --context prod list");
  verb->callback(
      [options, &context] { context.action = [options, &context] { return run_login(context, *options); }; });
}

/// The context that is meant, by --context, --server, their variables, or as the current one.
std::string meant(const Context& context, const ServerContexts& contexts) {
  if (const auto name = context.server.context_name(); !name.empty()) return name;
  const auto chosen = context.server.chosen();
  for (const auto& [name, known] : contexts.all()) {
    if (chosen && known.server == chosen->server) return name;
  }
  throw Error(ErrorCode::kUsage, "Nobody signed in to this server from here.", {.field = "server"});
}

int run_logout(const Context& context) {
  ServerContexts contexts;
  const auto name = meant(context, contexts);
  if (name == kLocalContext) {
    throw Error(ErrorCode::kUsage, "There is no server to sign out of.", {.field = "context"})
        .suggest("`millrace context list` shows the servers; --context NAME says which is meant.");
  }
  const auto known = contexts.find(name);
  const bool ours = !known.key_id.empty();
  if (ours) revoke_key(known, context.signals.token());
  contexts.remove(name);
  contexts.save();
  answer(context,
         ours ? "✓ Signed out of " + known.server + ": its key is revoked."
              : "✓ Signed out of " + known.server + ". Its key was made by somebody else and still holds there.",
         {{"context", name}, {"server", known.server}, {"revoked", ours}});
  return 0;
}

int list_contexts(const Context& context) {
  const ServerContexts contexts;
  ordered_json list = ordered_json::array();
  std::vector<std::vector<std::string>> rows;
  const auto add = [&](const std::string& name, const std::string& server) {
    const bool current = name == contexts.current();
    list.push_back({{"name", name}, {"server", server}, {"current", current}});
    rows.push_back({current ? "*" : "", name, server});
  };
  add(kLocalContext, "");
  for (const auto& [name, known] : contexts.all()) add(name, known.server);
  if (context.format == Format::kTable) {
    print_table(std::cout, {"", "CONTEXT", "SERVER"}, rows, "");
  } else {
    print_value(std::cout, context.format, list);
  }
  return 0;
}

int use_context(const Context& context, const std::string& name) {
  ServerContexts contexts;
  contexts.use(name);
  contexts.save();
  answer(context, "✓ Verbs work with " + name + " now.", {{"current", name}});
  return 0;
}

int remove_context(const Context& context, const std::string& name) {
  ServerContexts contexts;
  const auto known = contexts.find(name);
  contexts.remove(name);
  contexts.save();
  answer(context, "✓ " + name + " is forgotten. Its key still holds at " + known.server + " until it runs out.",
         {{"context", name}, {"server", known.server}, {"key_id", known.key_id}});
  return 0;
}

void add_contexts(CLI::App& app, Context& context) {
  auto* group = app.add_subcommand("context", "The servers that were signed in to")->require_subcommand(1);
  group->add_subcommand("list", "Show them; * marks the one that verbs work with")->callback([&context] {
    context.action = [&context] { return list_contexts(context); };
  });
  const auto add = [&](const char* verb_name, const char* help, int (*work)(const Context&, const std::string&)) {
    auto* verb = group->add_subcommand(verb_name, help);
    auto name = std::make_shared<std::string>();
    verb->add_option("name", *name, "Name of the context")->required();
    verb->callback(
        [name, work, &context] { context.action = [name, work, &context] { return work(context, *name); }; });
  };
  add("use", "Work with another one from now on; local: with this machine's own data directory", use_context);
  add("remove", "Forget one without revoking its key (`millrace logout` revokes it)", remove_context);
}

}  // namespace

void add_login_commands(CLI::App& app, Context& context) {
  add_login(app, context);
  app.add_subcommand("logout", "Revoke the key that login made, and forget the server")->callback([&context] {
    context.action = [&context] { return run_logout(context); };
  });
  add_contexts(app, context);
}

}  // namespace millrace::cli
