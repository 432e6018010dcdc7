#include "cli/admin_commands.hpp"

#include <unistd.h>

#include <CLI/CLI.hpp>

#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "access/rotate_keys.hpp"
#include "cli/account_service.hpp"
#include "cli/answer_members.hpp"
#include "cli/local_actor.hpp"
#include "cli/passwords.hpp"
#include "security/roles.hpp"
#include "support/unix_time.hpp"

namespace millrace::cli {
namespace {

using Json = nlohmann::ordered_json;

struct AdminOptions {
  std::string verb;  ///< "user add"
  std::string store;
  std::string name;
  std::string password_file;
  std::string email;
  std::string role;
  std::string id;
  std::vector<std::string> scopes;
  int days = 90;
  bool server_admin = false;
  bool dry_run = false;
  bool keep_key = false;
  bool remove_unused = false;
  std::string expect;
  std::string as;
  std::string as_password_file;
};
using SharedAdmin = std::shared_ptr<AdminOptions>;

SharedAdmin options_of(CLI::App& verb) {
  auto options = std::make_shared<AdminOptions>();
  const auto* group = verb.get_parent();
  options->verb = (group->get_name().empty() ? "" : group->get_name() + " ") + verb.get_name();
  verb.add_option("--store", options->store, "postgres://.. when the store is not in the data directory");
  return options;
}

/// For what a server lets no API key do.
void add_administrator(CLI::App& verb, AdminOptions& options) {
  verb.add_option("--as", options.as, "On a server: the server administrator who signs in for this");
  verb.add_option("--as-password-file", options.as_password_file,
                  "File whose first line is that one's password; - for stdin [MILLRACE_ADMIN_PASSWORD]");
}

manager::Workspace open_store(const Context& context, const AdminOptions& options) {
  if (options.store.empty()) {
    context.require_local(options.verb,
                          "Run it where the server's data directory is, or use the server's page or API.");
  }
  return manager::open_workspace(context.data_dir, options.store);
}

/// Those of the chosen server, or of the data directory; --store is a store beside it.
std::unique_ptr<AccountService> accounts(const Context& context, const AdminOptions& options) {
  if (!options.store.empty()) return local_accounts(context.data_dir, options.store);
  const auto server = context.chosen_server();
  if (!server) return local_accounts(context.data_dir, "");
  return remote_accounts(*server, {options.as, [&options] {
                                     return find_password({}, {.label = "Password of " + options.as,
                                                               .field = "as",
                                                               .file = options.as_password_file,
                                                               .environment = "MILLRACE_ADMIN_PASSWORD"});
                                   }});
}

Secret new_password(const AdminOptions& options) {
  return find_password({}, {.label = "New password of " + options.name,
                            .field = "password",
                            .file = options.password_file,
                            .environment = "MILLRACE_PASSWORD"});
}

int rotate(const Context& context, const AdminOptions& options) {
  const auto workspace = open_store(context, options);
  const auto report = access::rotate_keys(
      *workspace.database, *workspace.box, local_actor().label(),
      {.dry_run = options.dry_run, .make_key = !options.keep_key, .remove_unused = options.remove_unused});
  std::string line = std::to_string(report.rewrapped) + " secrets ";
  line += options.dry_run ? "would come under a new or the current key; every one of them opens."
                          : "are under key " + report.current_id + " now.";
  for (const auto& id : report.removed_keys) line += "\nKey " + id + " was removed.";
  answer(context, line,
         {{"dryRun", options.dry_run},
          {"currentKey", report.current_id},
          {"newKey", report.new_key},
          {"rewrapped", report.rewrapped},
          {"before", report.before},
          {"removedKeys", report.removed_keys}});
  return 0;
}

void add_rotate(CLI::App& app, Context& context) {
  auto* verb = app.add_subcommand("rotate-key", "Make a new key for stored secrets and bring every secret under it");
  verb->description(
      "Make a new key for stored secrets and bring every secret under it.\n"
      "It may be interrupted at any moment and run again (--keep-key goes on with the key that is there). Servers may\n"
      "run meanwhile. With keys from MILLRACE_SECRET_KEYS no key is made: add it there first.");
  auto options = options_of(*verb);
  verb->add_flag("--dry-run", options->dry_run, "Prove that every secret opens and count them; change nothing");
  verb->add_flag("--keep-key", options->keep_key, "Make no new key: bring what is left under the current one");
  verb->add_flag("--remove-unused", options->remove_unused,
                 "Remove keys that no secret needs, but for the one that was current until now");
  verb->callback([options, &context] { context.action = [options, &context] { return rotate(context, *options); }; });
}

int verify(const Context& context, const AdminOptions& options) {
  const auto report = accounts(context, options)->verify_audit(options.expect, context.signals.token());
  const AnswerMembers told(report);
  if (!told.flag("whole").value_or(false)) {
    const auto* fault = told.find("fault");
    const AnswerMembers where(fault == nullptr ? report : *fault);
    throw Error(ErrorCode::kAuditBroken,
                "The audit log is broken at line " + where.text("line") + ": " + where.text("what") + ".");
  }
  const auto lines = told.count("lines").value_or(0);
  const auto head = told.text("head");
  answer(context, std::to_string(lines) + " lines, the chain is whole. Head: " + head,
         {{"lines", lines}, {"head", head}, {"whole", true}});
  return 0;
}

void add_audit(CLI::App& app, Context& context) {
  auto* group = app.add_subcommand("audit", "The audit log")->require_subcommand(1);
  auto* verb = group->add_subcommand("verify", "Check the chain of the audit log; exit code 1 when it was changed");
  auto options = options_of(*verb);
  add_administrator(*verb, *options);
  verb->add_option("--expect", options->expect,
                   "A head that an earlier verify printed: it must still be there (finds a log that was made anew)");
  verb->callback([options, &context] { context.action = [options, &context] { return verify(context, *options); }; });
}

int add_one_user(const Context& context, const AdminOptions& options) {
  const auto service = accounts(context, options);
  if (!options.role.empty()) security::require_role(options.role, "role");
  const auto user = service->add_user({.name = options.name,
                                       .password = new_password(options),
                                       .email = options.email,
                                       .role = options.role,
                                       .server_admin = options.server_admin},
                                      context.signals.token());
  const AnswerMembers made(user);
  answer(context, "✓ User " + made.text("name") + " was made.", {{"id", made.text("id")}, {"name", made.text("name")}});
  return 0;
}

int list_users(const Context& context, const AdminOptions& options) {
  std::vector<std::vector<std::string>> rows;
  Json all = Json::array();
  for (const auto& document : accounts(context, options)->users(context.signals.token())) {
    const AnswerMembers user(document);
    const bool disabled = user.flag("disabled").value_or(false);
    const bool server_admin = user.flag("serverAdmin").value_or(false);
    rows.push_back({user.text("name"), user.text("email"), server_admin ? "server administrator" : "",
                    disabled ? "disabled" : "enabled"});
    all.push_back({{"id", user.text("id")},
                   {"name", user.text("name")},
                   {"email", user.text("email")},
                   {"serverAdmin", server_admin},
                   {"disabled", disabled}});
  }
  if (context.format == Format::kTable) {
    print_table(std::cout, {"NAME", "E-MAIL", "", "STATE"}, rows, "No users.");
  } else {
    print_value(std::cout, context.format, all);
  }
  return 0;
}

void add_users(CLI::App& app, Context& context) {
  auto* group = app.add_subcommand("user", "Users of the server")->require_subcommand(1);
  auto* add = group->add_subcommand("add", "Make a user; the password by prompt, file or MILLRACE_PASSWORD");
  auto options = options_of(*add);
  add->add_option("name", options->name, "Sign-in name")->required();
  add->add_option("--password-file", options->password_file, "File whose first line is the password; - for stdin");
  add->add_option("--email", options->email, "E-mail address");
  add->add_option("--role", options->role,
                  "viewer, operator or admin of the tenant that is worked in; none: no member");
  add_administrator(*add, *options);
  add->add_flag("--server-admin", options->server_admin, "May manage tenants and users");
  add->callback(
      [options, &context] { context.action = [options, &context] { return add_one_user(context, *options); }; });

  auto* passwd = group->add_subcommand("passwd", "Set a user's password; ends the user's sessions");
  auto changed = options_of(*passwd);
  add_administrator(*passwd, *changed);
  passwd->add_option("name", changed->name, "Sign-in name")->required();
  passwd->add_option("--password-file", changed->password_file, "File whose first line is the password; - for stdin");
  passwd->callback([changed, &context] {
    context.action = [changed, &context] {
      const auto service = accounts(context, *changed);
      service->set_password(changed->name, new_password(*changed), context.signals.token());
      answer(context, "✓ The password of " + changed->name + " was set.", {{"name", changed->name}, {"result", "set"}});
      return 0;
    };
  });

  auto* list = group->add_subcommand("list", "List users");
  auto shown = options_of(*list);
  add_administrator(*list, *shown);
  list->callback([shown, &context] { context.action = [shown, &context] { return list_users(context, *shown); }; });
}

int create_key(const Context& context, const AdminOptions& options) {
  const auto service = accounts(context, options);
  const auto password = [&options] {
    return find_password({}, {.label = "Password of " + options.name,
                              .field = "password",
                              .file = options.password_file,
                              .environment = "MILLRACE_PASSWORD"});
  };
  const auto key = service->create_key(
      {.user = options.name, .name = options.id, .role = options.role, .scopes = options.scopes, .days = options.days},
      password, context.signals.token());
  const AnswerMembers made(key);
  answer(context, made.text("key"), {{"id", made.text("id")}, {"key", made.text("key")}});
  if (context.format == Format::kTable) std::cerr << "Keep it: it is not shown again.\n";
  return 0;
}

int list_keys(const Context& context, const AdminOptions& options) {
  const auto time = [](const AnswerMembers& key, const char* name) {
    const auto moment = key.moment(name);
    return moment ? utc_time(*moment) : std::string("never");
  };
  std::vector<std::vector<std::string>> rows;
  Json all = Json::array();
  for (const auto& document : accounts(context, options)->keys(context.signals.token())) {
    const AnswerMembers key(document);
    const bool revoked = key.moment("revokedAt").has_value();
    rows.push_back({key.text("id"), key.text("name"), key.text("user"), key.text("role"), time(key, "expiresAt"),
                    time(key, "lastUsedAt"), revoked ? "revoked" : ""});
    all.push_back({{"id", key.text("id")},
                   {"name", key.text("name")},
                   {"user", key.text("user")},
                   {"role", key.text("role")},
                   {"scopes", key.texts("scopes")},
                   {"expires", time(key, "expiresAt")},
                   {"lastUsed", time(key, "lastUsedAt")},
                   {"revoked", revoked}});
  }
  if (context.format == Format::kTable) {
    print_table(std::cout, {"ID", "NAME", "USER", "ROLE", "EXPIRES", "LAST USED", ""}, rows, "No API keys.");
  } else {
    print_value(std::cout, context.format, all);
  }
  return 0;
}

void add_api_keys(CLI::App& app, Context& context) {
  auto* group = app.add_subcommand("api-key", "API keys of the tenant that is worked in")->require_subcommand(1);
  auto* create = group->add_subcommand("create", "Make a key for a user; it is shown once");
  auto options = options_of(*create);
  options->role = "viewer";
  create->add_option("user", options->name, "Sign-in name of the owner")->required();
  create->add_option("--name", options->id, "What the key is for")->required();
  create->add_option("--password-file", options->password_file,
                     "On a server, which makes keys for who signs in: file with the owner's password; - for stdin");
  create->add_option("--role", options->role, "viewer, operator or admin; no more than the owner has")
      ->capture_default_str();
  create->add_option("--scopes", options->scopes, "Only these rights, e.g. pipelines.read")->delimiter(',');
  create->add_option("--days", options->days, "How long it is valid; 0: without end")
      ->check(CLI::Range(0, 3650))
      ->capture_default_str();
  create->callback(
      [options, &context] { context.action = [options, &context] { return create_key(context, *options); }; });

  auto* list = group->add_subcommand("list", "List keys, without their secrets");
  auto shown = options_of(*list);
  list->callback([shown, &context] { context.action = [shown, &context] { return list_keys(context, *shown); }; });

  auto* revoke = group->add_subcommand("revoke", "Make a key invalid");
  auto revoked = options_of(*revoke);
  revoke->add_option("id", revoked->id, "Id of the key")->required();
  revoke->callback([revoked, &context] {
    context.action = [revoked, &context] {
      accounts(context, *revoked)->revoke_key(revoked->id, context.signals.token());
      answer(context, "✓ Key " + revoked->id + " is revoked.", {{"id", revoked->id}, {"result", "revoked"}});
      return 0;
    };
  });
}

}  // namespace

void add_admin_commands(CLI::App& app, Context& context) {
  add_rotate(app, context);
  add_audit(app, context);
  add_users(app, context);
  add_api_keys(app, context);
}

}  // namespace millrace::cli
