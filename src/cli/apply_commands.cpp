#include "cli/apply_commands.hpp"

#include <unistd.h>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/apply_plan.hpp"
#include "cli/apply_view.hpp"
#include "cli/passwords.hpp"
#include "cli/spec_options.hpp"
#include "support/error.hpp"

namespace millrace::cli {
namespace {

constexpr int kDifferent = 4;

struct ApplyOptions {
  std::vector<std::string> files;
  bool yes = false;
  bool dry_run = false;
};
using SharedApply = std::shared_ptr<ApplyOptions>;
using Plan = std::vector<AppliedPipeline>;

bool from_standard_input(const ApplyOptions& options) {
  return std::find(options.files.begin(), options.files.end(), "-") != options.files.end();
}

/// A password that the file has not, of what is to be created. Where the file itself came from standard input nobody
/// can be asked.
void complete(AppliedPipeline& wanted, bool may_ask) {
  if (wanted.live) return;
  const YamlDocument& document = wanted.file.document;
  try {
    complete_passwords(wanted.file.spec, {}, may_ask);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kSecretMissing) throw;
    throw document.located(
        Error(error).suggest("Write it as ${env:NAME} or ${file:PATH}, or set " +
                             std::string(error.context().field.starts_with("source") ? "MILLRACE_SOURCE_PASSWORD."
                                                                                     : "MILLRACE_TARGET_PASSWORD.")));
  }
}

void require_possible(const Plan& plan) {
  Error error(ErrorCode::kUsage, "Nothing was changed: not everything that the files say can be done.",
              {.field = "file"});
  bool possible = true;
  for (const auto& wanted : plan) {
    for (const auto& change : wanted.diff.changes) {
      if (change.effect != ChangeEffect::kCannotChange) continue;
      possible = false;
      error.note(wanted.file.document.place_of(change.field) + ": " + change.field + " of " + wanted.file.spec.name +
                 ": " + change.reason);
    }
  }
  if (!possible) throw error.suggest("Change the file, or the pipeline as the reasons say.");
}

/// Only a person at a terminal is asked; a script says --yes.
void require_consent(const ApplyOptions& options) {
  if (options.yes) return;
  if (isatty(STDIN_FILENO) == 0 || from_standard_input(options)) {
    throw Error(ErrorCode::kUsage, "Nothing was changed: nobody can be asked here.", {.field = "yes"})
        .suggest("Say --yes to apply it, or --dry-run to see what it would do.");
  }
  std::cerr << "Apply this? [y/N] " << std::flush;
  std::string line;
  std::getline(std::cin, line);
  if (line == "y" || line == "Y" || line == "yes") return;
  throw Error(ErrorCode::kInterrupted, "Nothing was changed.");
}

void show_results(const Context& context, const Plan& plan) {
  if (context.format != Format::kTable) return print_value(std::cout, context.format, apply_json(plan));
  for (const auto& wanted : plan) {
    if (wanted.result.empty() || wanted.result == "unchanged") continue;
    std::cout << "✓ " << wanted.file.spec.name << ' ' << wanted.result << ".\n";
  }
}

int apply(const Context& context, const ApplyOptions& options) {
  const auto& stop = context.signals.token();
  auto files = read_spec_files(options.files, context.find_connection());
  const auto pipelines = context.pipelines();
  auto plan = plan_apply(*pipelines, std::move(files), stop);
  if (context.format == Format::kTable) show_apply_plan(std::cout, plan);
  require_possible(plan);
  const bool nothing = std::all_of(plan.begin(), plan.end(), [](const auto& wanted) { return wanted.unchanged(); });
  if (options.dry_run) {
    show_results(context, plan);
    return 0;
  }
  if (!nothing) require_consent(options);
  const bool may_ask = !from_standard_input(options);
  for (auto& wanted : plan) complete(wanted, may_ask);
  for (auto& wanted : plan) carry_out(*pipelines, wanted, progress_on_stderr(), stop);
  show_results(context, plan);
  return 0;
}

int diff(const Context& context, const ApplyOptions& options) {
  auto files = read_spec_files(options.files, context.find_connection());
  const auto plan = plan_apply(*context.pipelines(), std::move(files), context.signals.token());
  if (context.format == Format::kTable) {
    show_apply_plan(std::cout, plan);
  } else {
    print_value(std::cout, context.format, apply_json(plan));
  }
  const bool same = std::all_of(plan.begin(), plan.end(), [](const auto& wanted) { return wanted.unchanged(); });
  return same ? 0 : kDifferent;
}

SharedApply with_files(CLI::App& verb) {
  auto options = std::make_shared<ApplyOptions>();
  verb.add_option("-f,--file", options->files,
                  "YAML or JSON file, a directory with such, or - for standard input; may be given several times")
      ->required();
  return options;
}

void add_apply(CLI::App& app, Context& context) {
  auto* verb = app.add_subcommand("apply", "Make pipelines what files describe: create them, or change what differs");
  auto options = with_files(*verb);
  verb->add_flag("-y,--yes", options->yes, "Do not ask");
  verb->add_flag("--dry-run", options->dry_run, "Show what would be done and change nothing");
  verb->footer(
      "A file has the members that `millrace get NAME` shows; several pipelines are parted by ---. What a file leaves "
      "out\n"
      "stays as it is. Passwords are written as ${env:NAME} or ${file:PATH}; they are needed when a pipeline is "
      "created and\n"
      "when host, port or encryption change (`millrace passwords` stores new ones). Tables that a file does not name "
      "any\n"
      "more are taken out of the pipeline; their copies stay. Applied again, it changes nothing.\n\n"
      "  millrace apply -f shop.yaml\n"
      "  millrace apply -f pipelines/ --yes\n"
      "  millrace get SHOP | millrace apply -f -           changes nothing");
  verb->callback([options, &context] { context.action = [options, &context] { return apply(context, *options); }; });
}

void add_diff(CLI::App& app, Context& context) {
  auto* verb =
      app.add_subcommand("diff", "Show what apply would do; exit code 4 when something differs, 0 when nothing does");
  auto options = with_files(*verb);
  verb->callback([options, &context] { context.action = [options, &context] { return diff(context, *options); }; });
}

}  // namespace

void add_apply_commands(CLI::App& app, Context& context) {
  add_apply(app, context);
  add_diff(app, context);
}

}  // namespace millrace::cli
