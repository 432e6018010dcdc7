#include "cli/verify_command.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <iostream>
#include <memory>

#include "cli/verify_view.hpp"

namespace millrace::cli {
namespace {

constexpr int kNotEqual = 1;

struct VerifyCommandOptions {
  std::string name;
  replication::VerifySettings settings;
};

}  // namespace

void add_verify_command(CLI::App& app, Context& context) {
  auto* verb = app.add_subcommand("verify", "Compare source and copy row by row; --repair writes the source's rows");
  verb->description(
      "Compare every row of the source with the copy, by hashes over all columns, and name what differs.\n"
      "It may run while the pipeline does: changes on their way are no differences. When nobody runs the pipeline,\n"
      "it catches up first. Each side reads each table once, and again only what seems to differ.\n"
      "Exit code 0: all is equal; 1: something differs, or is not loaded yet.\n\n"
      "  millrace verify SHOP\n"
      "  millrace verify SHOP --tables orders,sales.lines -o json\n"
      "  millrace verify SHOP --repair     write the source's rows over what differs, and compare again\n");
  auto options = std::make_shared<VerifyCommandOptions>();
  verb->add_option("pipeline", options->name, "Name of the pipeline; may be left out when there is only one");
  verb->add_option("--tables", options->settings.tables, "Only these tables of the source: names or schema.name")
      ->delimiter(',');
  verb->add_flag("--repair", options->settings.repair, "Write the source's rows over those that differ");
  verb->add_option("--max-report", options->settings.max_report, "How many rows are named, a table; all are counted")
      ->capture_default_str();
  verb->callback([options, &context] {
    context.action = [options, &context] {
      const auto pipelines = context.pipelines();
      const auto& stop = context.signals.token();
      const auto name = options->name.empty() ? pipelines->only_pipeline(stop) : options->name;
      const auto verdicts = pipelines->verify(name, options->settings, progress_on_stderr(), stop);
      show_verdicts(std::cout, context.format, name, verdicts);
      const bool equal =
          std::all_of(verdicts.begin(), verdicts.end(), [](const auto& verdict) { return verdict.equal(); });
      return equal ? 0 : kNotEqual;
    };
  });
}

}  // namespace millrace::cli
