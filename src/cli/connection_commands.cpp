#include "cli/connection_commands.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <iostream>
#include <map>
#include <memory>

#include "cli/answer_members.hpp"
#include "cli/connection_view.hpp"
#include "cli/passwords.hpp"
#include "pipeline/side_json.hpp"
#include "pipeline/spec_json.hpp"
#include "support/error.hpp"

namespace millrace::cli {
namespace {

using nlohmann::json;

constexpr int kNotReached = 2;
constexpr int kNotFollowed = 1;

std::shared_ptr<std::string> add_name(CLI::App& verb) {
  auto name = std::make_shared<std::string>();
  verb.add_option("connection", *name, "Name of the connection, or its id")->required();
  return name;
}

std::string password_variable(const std::string& kind) {
  return kind == "source" ? "MILLRACE_SOURCE_PASSWORD" : "MILLRACE_TARGET_PASSWORD";
}

void add_connection_list(CLI::App& group, Context& context) {
  auto* verb = group.add_subcommand("list", "List saved connections, without their passwords");
  auto kind = std::make_shared<std::string>();
  verb->add_option("--kind", *kind, "source or target; left out: both")->check(CLI::IsMember({"source", "target"}));
  verb->callback([kind, &context] {
    context.action = [kind, &context] {
      show_connections(std::cout, context.format, context.connections()->list(*kind, context.signals.token()));
      return 0;
    };
  });
}

void add_connection_show(CLI::App& group, Context& context) {
  auto* verb = group.add_subcommand("show", "Show a saved connection, and which pipelines use it");
  auto name = add_name(*verb);
  verb->callback([name, &context] {
    context.action = [name, &context] {
      show_connection(std::cout, context.format, context.connections()->get(*name, context.signals.token()));
      return 0;
    };
  });
}

struct NewConnection {
  std::string name;
  std::string url;
  std::string password_file;
};

int create(const NewConnection& wanted, const Context& context) {
  const bool source = wanted.url.starts_with("postgres://") || wanted.url.starts_with("postgresql://");
  const std::string kind = source ? "source" : "target";
  auto spec = pipeline::side_from_json(kind, {{"url", wanted.url}}, "url");
  pipeline::require_reachable(spec, kind, "url");
  auto& password = source ? spec.source.password : spec.target.password;
  password = find_password(password,
                           {.label = "Password for " + (source ? display_url(spec.source) : display_url(spec.target)),
                            .field = "password",
                            .file = wanted.password_file,
                            .environment = password_variable(kind)});
  auto endpoint = pipeline::to_json(spec, true).at(kind);
  endpoint.erase("connection");
  const auto saved = context.connections()->create(wanted.name, kind, endpoint, context.signals.token());
  answer(context, "✓ Connection " + wanted.name + " saved: " + connection_url(saved) + ".", saved);
  return 0;
}

void add_connection_create(CLI::App& group, Context& context) {
  auto* verb = group.add_subcommand("create", "Save credentials under a name; connects to nothing");
  auto wanted = std::make_shared<NewConnection>();
  verb->add_option("connection", wanted->name, "Name for the connection, unique")->required();
  verb->add_option("--url", wanted->url,
                   "postgres://user@host:port/database of a source, or sqlserver://.. of a target")
      ->required();
  verb->add_option("--password-file", wanted->password_file,
                   "File with the password in its first line; - reads standard input [MILLRACE_SOURCE_PASSWORD or "
                   "MILLRACE_TARGET_PASSWORD]");
  verb->callback([wanted, &context] { context.action = [wanted, &context] { return create(*wanted, context); }; });
}

/// A member of the endpoint that `edit` may change.
struct Member {
  const char* option;
  const char* name;
  const char* help;
};

const std::vector<Member>& members() {
  static const std::vector<Member> kMembers{
      {"--host", "host", "Host of the server"},
      {"--port", "port", "Port of the server"},
      {"--database", "database", "Database; only while no pipeline uses the connection"},
      {"--schema", "schema", "Schema that pipelines take when they name none"},
      {"--user", "user", "User who signs in"},
      {"--sslmode", "sslmode", "Of a source: disable, require, verify-ca or verify-full"},
      {"--sslrootcert", "sslrootcert", "Of a source: certificates to trust, PEM"},
      {"--encrypt", "encrypt", "Of a target: true, false or strict"},
      {"--trust-server-certificate", "trust_server_certificate", "Of a target: true or false"}};
  return kMembers;
}

struct Edit {
  std::string connection;
  std::string name;
  std::map<std::string, std::string> values;  ///< by member
  std::string password_file;
  bool password = false;
};

json value_of(const std::string& member, const std::string& text) {
  if (member == "trust_server_certificate") {
    if (text == "true" || text == "false") return text == "true";
  } else if (member == "port") {
    if (const auto number = json::parse(text, nullptr, false); number.is_number_integer()) return number;
  }
  return text;
}

int edit(const Edit& wanted, const Context& context) {
  const auto connections = context.connections();
  ConnectionChange change;
  if (!wanted.name.empty()) change.name = wanted.name;
  for (const auto& [member, text] : wanted.values) {
    if (!text.empty()) change.endpoint[member] = value_of(member, text);
  }
  if (wanted.password || !wanted.password_file.empty()) {
    const auto known = connections->get(wanted.connection, context.signals.token());
    const auto password = find_password({}, {.label = "New password for " + connection_url(known),
                                             .field = "password",
                                             .file = wanted.password_file,
                                             .environment = password_variable(AnswerMembers(known).text("kind"))});
    change.endpoint["password"] = password.reveal();
  }
  if (!change.name && change.endpoint.empty()) {
    throw Error(ErrorCode::kUsage, "Nothing is to change.", {.field = "connection"})
        .suggest("`millrace connections edit --help` lists what can.");
  }
  const auto changed = connections->change(wanted.connection, change, context.signals.token());
  show_changed_connection(std::cout, context.format, changed);
  const auto applied = AnswerMembers(changed).list("applied");
  const auto followed = [](const auto& one) { return AnswerMembers(one).flag("ok").value_or(false); };
  return std::all_of(applied.begin(), applied.end(), followed) ? 0 : kNotFollowed;
}

void add_connection_edit(CLI::App& group, Context& context) {
  auto* verb = group.add_subcommand(
      "edit", "Change a saved connection and every pipeline that uses it; exit code 1 when one could not follow");
  auto wanted = std::make_shared<Edit>();
  verb->add_option("connection", wanted->connection, "Name of the connection, or its id")->required();
  verb->add_option("--name", wanted->name, "Another name for it");
  for (const auto& [option, name, help] : members()) verb->add_option(option, wanted->values[name], help);
  verb->add_flag("--password", wanted->password,
                 "Ask for a new password [MILLRACE_SOURCE_PASSWORD or "
                 "MILLRACE_TARGET_PASSWORD]");
  verb->add_option("--password-file", wanted->password_file,
                   "File with the new password in its first line; - reads standard input");
  verb->footer(
      "Another host, port, user or encryption asks for the password again. Where pipelines use the connection, the "
      "server\n"
      "must take what is new before it is stored.");
  verb->callback([wanted, &context] { context.action = [wanted, &context] { return edit(*wanted, context); }; });
}

void add_connection_test(CLI::App& group, Context& context) {
  auto* verb = group.add_subcommand(
      "test", "Connect by a saved connection and check what a pipeline needs; exit code 2 when a check fails");
  auto name = add_name(*verb);
  verb->callback([name, &context] {
    context.action = [name, &context] {
      const auto report = context.connections()->test(*name, context.signals.token());
      show_connection_report(std::cout, context.format, report);
      return AnswerMembers(report).flag("ok").value_or(false) ? 0 : kNotReached;
    };
  });
}

void add_connection_delete(CLI::App& group, Context& context) {
  auto* verb = group.add_subcommand("delete", "Forget a saved connection that no pipeline uses");
  auto name = add_name(*verb);
  verb->callback([name, &context] {
    context.action = [name, &context] {
      context.connections()->remove(*name, context.signals.token());
      answer(context, "✓ Connection " + *name + " deleted.", {{"connection", *name}, {"result", "deleted"}});
      return 0;
    };
  });
}

}  // namespace

void add_connection_commands(CLI::App& app, Context& context) {
  auto* group = app.add_subcommand("connections", "Saved connections");
  group->description(
      "Saved connections: credentials under a name that pipelines are made from, and follow.\n\n"
      "  millrace connections create shop --url postgres://cdc@db.example:5432/shop\n"
      "  millrace connections test shop\n"
      "  millrace create --source-connection shop --target-connection copy --tables orders\n"
      "  millrace connections edit shop --password       every pipeline that uses it follows\n");
  group->require_subcommand(1);
  add_connection_list(*group, context);
  add_connection_show(*group, context);
  add_connection_create(*group, context);
  add_connection_edit(*group, context);
  add_connection_test(*group, context);
  add_connection_delete(*group, context);
}

}  // namespace millrace::cli
