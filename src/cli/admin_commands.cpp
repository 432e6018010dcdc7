#include "cli/admin_commands.hpp"

#include <unistd.h>

#include <CLI/CLI.hpp>

#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "access/accounts.hpp"
#include "access/rotate_keys.hpp"
#include "access/verify_audit.hpp"
#include "cli/passwords.hpp"
#include "support/unix_time.hpp"

namespace millrace::cli {
namespace {

using Json = nlohmann::ordered_json;

struct Options {
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
};
using Shared = std::shared_ptr<Options>;

/// The person at this machine, as the audit log names them.
security::Actor local_actor() {
  security::Actor actor;
  actor.user_name = "local:" + std::to_string(::getuid());
  return actor;
}

Shared options_of(CLI::App& verb) {
  auto options = std::make_shared<Options>();
  const auto* group = verb.get_parent();
  options->verb = (group->get_name().empty() ? "" : group->get_name() + " ") + verb.get_name();
  verb.add_option("--store", options->store, "postgres://.. when the store is not in the data directory");
  return options;
}

manager::Workspace open_store(const Context& context, const Options& options) {
  if (options.store.empty()) {
    context.require_local(options.verb,
                          "Run it where the server's data directory is, or use the server's page or API.");
  }
  return manager::open_workspace(context.data_dir, options.store);
}

store::UserRecord require_user(store::Database& database, const std::string& name) {
  const auto user = database.read([&](store::Session& session) { return store::Users(session).find_by_name(name); });
  if (!user) throw Error(ErrorCode::kObjectNotFound, "There is no user " + name + ".", {.field = "user"});
  return *user;
}

Secret new_password(const Options& options) {
  return find_password({}, {.label = "New password of " + options.name,
                            .field = "password",
                            .file = options.password_file,
                            .environment = "MILLRACE_PASSWORD"});
}

int rotate(const Context& context, const Options& options) {
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

int verify(const Context& context, const Options& options) {
  const auto workspace = open_store(context, options);
  std::optional<security::ChainHead> expected;
  if (!options.expect.empty()) expected = access::parse_head(options.expect, "expect");
  const auto report = access::verify_audit(*workspace.database, expected);
  const std::string head = access::head_text(report.head);
  if (report.fault) {
    throw Error(ErrorCode::kAuditBroken, "The audit log is broken at line " + std::to_string(report.fault->sequence) +
                                             ": " + report.fault->what + ".");
  }
  answer(context, std::to_string(report.checked) + " lines, the chain is whole. Head: " + head,
         {{"lines", report.checked}, {"head", head}, {"whole", true}});
  return 0;
}

void add_audit(CLI::App& app, Context& context) {
  auto* group = app.add_subcommand("audit", "The audit log")->require_subcommand(1);
  auto* verb = group->add_subcommand("verify", "Check the chain of the audit log; exit code 1 when it was changed");
  auto options = options_of(*verb);
  verb->add_option("--expect", options->expect,
                   "A head that an earlier verify printed: it must still be there (finds a log that was made anew)");
  verb->callback([options, &context] { context.action = [options, &context] { return verify(context, *options); }; });
}

int add_one_user(const Context& context, const Options& options) {
  const auto workspace = open_store(context, options);
  std::optional<security::Role> role;
  if (!options.role.empty()) role = security::require_role(options.role, "role");
  access::Accounts accounts(workspace.database);
  const auto user =
      accounts.create_user(local_actor(), options.name, new_password(options), options.server_admin, options.email);
  if (role) accounts.put_member(local_actor(), {workspace.tenant, user.id, *role});
  answer(context, "✓ User " + user.name + " was made.", {{"id", user.id}, {"name", user.name}});
  return 0;
}

int list_users(const Context& context, const Options& options) {
  const auto workspace = open_store(context, options);
  std::vector<std::vector<std::string>> rows;
  Json all = Json::array();
  store::PageRequest request{.size = 1000};
  do {
    const auto page =
        workspace.database->read([&](store::Session& session) { return store::Users(session).list(request); });
    for (const auto& user : page.items) {
      const std::string state = user.disabled ? "disabled" : "enabled";
      rows.push_back({user.name, user.email, user.server_admin ? "server administrator" : "", state});
      all.push_back({{"id", user.id},
                     {"name", user.name},
                     {"email", user.email},
                     {"serverAdmin", user.server_admin},
                     {"disabled", user.disabled}});
    }
    request.after = page.next;
  } while (!request.after.empty());
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
  add->add_option("--role", options->role, "viewer, operator or admin of the default tenant; none: no member");
  add->add_flag("--server-admin", options->server_admin, "May manage tenants and users");
  add->callback(
      [options, &context] { context.action = [options, &context] { return add_one_user(context, *options); }; });

  auto* passwd = group->add_subcommand("passwd", "Set a user's password; ends the user's sessions");
  auto changed = options_of(*passwd);
  passwd->add_option("name", changed->name, "Sign-in name")->required();
  passwd->add_option("--password-file", changed->password_file, "File whose first line is the password; - for stdin");
  passwd->callback([changed, &context] {
    context.action = [changed, &context] {
      const auto workspace = open_store(context, *changed);
      const auto user = require_user(*workspace.database, changed->name);
      access::Accounts(workspace.database).set_password(local_actor(), user.id, new_password(*changed));
      answer(context, "✓ The password of " + user.name + " was set.", {{"name", user.name}, {"result", "set"}});
      return 0;
    };
  });

  auto* list = group->add_subcommand("list", "List users");
  auto shown = options_of(*list);
  list->callback([shown, &context] { context.action = [shown, &context] { return list_users(context, *shown); }; });
}

int create_key(const Context& context, const Options& options) {
  const auto workspace = open_store(context, options);
  store::ApiKeyRecord wanted;
  wanted.tenant = workspace.tenant;
  wanted.user = require_user(*workspace.database, options.name).id;
  wanted.name = options.id;
  wanted.role = security::require_role(options.role, "role");
  wanted.scopes = options.scopes;
  if (options.days > 0) wanted.expires_ms = unix_ms() + std::int64_t{options.days} * 24 * 60 * 60 * 1000;
  const auto key = access::Accounts(workspace.database).create_api_key(local_actor(), wanted);
  answer(context, key.whole.reveal(), {{"id", key.record.id}, {"key", key.whole.reveal()}});
  if (context.format == Format::kTable) std::cerr << "Keep it: it is not shown again.\n";
  return 0;
}

int list_keys(const Context& context, const Options& options) {
  const auto workspace = open_store(context, options);
  const auto time = [](const std::optional<std::int64_t>& ms) { return ms ? utc_time(*ms) : std::string("never"); };
  std::vector<std::vector<std::string>> rows;
  Json all = Json::array();
  store::PageRequest request{.size = 1000};
  do {
    const auto page = workspace.database->read(
        [&](store::Session& session) { return store::ApiKeys(session).list(workspace.tenant, request); });
    for (const auto& key : page.items) {
      const std::string role(security::to_word(key.role));
      rows.push_back(
          {key.id, key.name, role, time(key.expires_ms), time(key.last_used_ms), key.revoked_ms ? "revoked" : ""});
      all.push_back({{"id", key.id},
                     {"name", key.name},
                     {"role", role},
                     {"scopes", key.scopes},
                     {"expires", time(key.expires_ms)},
                     {"lastUsed", time(key.last_used_ms)},
                     {"revoked", key.revoked_ms.has_value()}});
    }
    request.after = page.next;
  } while (!request.after.empty());
  if (context.format == Format::kTable) {
    print_table(std::cout, {"ID", "NAME", "ROLE", "EXPIRES", "LAST USED", ""}, rows, "No API keys.");
  } else {
    print_value(std::cout, context.format, all);
  }
  return 0;
}

void add_api_keys(CLI::App& app, Context& context) {
  auto* group = app.add_subcommand("api-key", "API keys of the default tenant")->require_subcommand(1);
  auto* create = group->add_subcommand("create", "Make a key for a user; it is shown once");
  auto options = options_of(*create);
  options->role = "viewer";
  create->add_option("user", options->name, "Sign-in name of the owner")->required();
  create->add_option("--name", options->id, "What the key is for")->required();
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
      const auto workspace = open_store(context, *revoked);
      access::Accounts(workspace.database).revoke_api_key(local_actor(), workspace.tenant, revoked->id);
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
