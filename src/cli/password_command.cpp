#include "cli/password_command.hpp"

#include <CLI/CLI.hpp>

#include <memory>
#include <nlohmann/json.hpp>

#include "cli/passwords.hpp"
#include "support/error.hpp"

namespace millrace::cli {
namespace {

struct PasswordOptions {
  std::string name;
  std::string source_file;
  std::string target_file;
};

int store(const PasswordOptions& options, Context& context) {
  const auto source = find_optional_secret({}, {.label = "Password for the source",
                                                .field = "source.password",
                                                .file = options.source_file,
                                                .environment = "MILLRACE_SOURCE_PASSWORD",
                                                .prompt = false});
  const auto target = find_optional_secret({}, {.label = "Password for the target",
                                                .field = "target.password",
                                                .file = options.target_file,
                                                .environment = "MILLRACE_TARGET_PASSWORD",
                                                .prompt = false});
  if (source.empty() && target.empty()) {
    throw Error(ErrorCode::kSecretMissing, "No new password is given.", {.field = "source.password"})
        .suggest(
            "Give --source-password-file, --target-password-file, MILLRACE_SOURCE_PASSWORD or "
            "MILLRACE_TARGET_PASSWORD; - reads standard input.");
  }
  context.pipelines()->set_passwords(options.name, source, target, context.signals.token());
  answer(context, "✓ The passwords of " + options.name + " are stored; both servers take them.",
         {{"pipeline", options.name}, {"result", "passwords stored"}});
  return 0;
}

}  // namespace

void add_password_command(CLI::App& app, Context& context) {
  auto* verb = app.add_subcommand("passwords", "Store passwords that were changed on the servers");
  auto options = std::make_shared<PasswordOptions>();
  verb->add_option("pipeline", options->name, "Name of the pipeline")->required();
  verb->add_option("--source-password-file", options->source_file,
                   "File with the new password in its first line; - reads standard input [MILLRACE_SOURCE_PASSWORD]");
  verb->add_option("--target-password-file", options->target_file,
                   "The same for the target [MILLRACE_TARGET_PASSWORD]");
  verb->callback([options, &context] { context.action = [options, &context] { return store(*options, context); }; });
}

}  // namespace millrace::cli
