#include "cli/quarantine_command.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/quarantine_view.hpp"
#include "support/error.hpp"

namespace millrace::cli {
namespace {

constexpr int kLeft = 1;

struct QuarantineOptions {
  std::string name;
  replication::QuarantineFilter filter;
  bool all = false;
};
using SharedQuarantine = std::shared_ptr<QuarantineOptions>;

SharedQuarantine add_choice(CLI::App& verb) {
  auto options = std::make_shared<QuarantineOptions>();
  verb.add_option("pipeline", options->name, "Name of the pipeline")->required();
  verb.add_option("--tables", options->filter.tables, "Only rows of these tables of the source: names or schema.name")
      ->delimiter(',');
  return options;
}

void add_ids(CLI::App& verb, const SharedQuarantine& options) {
  verb.add_option("--id", options->filter.ids, "Only the rows with these ids")->delimiter(',');
}

/// What changes rows wants to hear which.
void require_choice(const QuarantineOptions& options) {
  if (options.all || !options.filter.tables.empty() || !options.filter.ids.empty()) return;
  throw Error(ErrorCode::kUsage, "Say which rows are meant.", {.pipeline = options.name, .field = "all"})
      .suggest("--tables, --id, or --all for every row of the pipeline.");
}

void add_quarantine_list(CLI::App& group, Context& context) {
  auto* verb = group.add_subcommand("list", "List the rows, a line each, oldest first");
  auto options = add_choice(*verb);
  verb->add_flag("--discarded", options->filter.discarded, "Also those that were discarded");
  options->filter.most = 1000;
  verb->add_option("--most", options->filter.most, "How many at most; 0: all")->capture_default_str();
  verb->callback([options, &context] {
    context.action = [options, &context] {
      show_quarantine(std::cout, context.format, options->name,
                      context.pipelines()->quarantined(options->name, options->filter, context.signals.token()));
      return 0;
    };
  });
}

void add_show(CLI::App& group, Context& context) {
  auto* verb = group.add_subcommand("show", "Show rows with all their values and the whole reason");
  auto options = add_choice(*verb);
  add_ids(*verb, options);
  options->filter.discarded = true;
  verb->callback([options, &context] {
    context.action = [options, &context] {
      show_quarantined_rows(std::cout, context.format, options->name,
                            context.pipelines()->quarantined(options->name, options->filter, context.signals.token()));
      return 0;
    };
  });
}

void add_retry(CLI::App& group, Context& context) {
  auto* verb = group.add_subcommand(
      "retry", "Read the rows again from the source by their keys and write them; exit code 1 when some are left");
  auto options = add_choice(*verb);
  add_ids(*verb, options);
  verb->add_flag("--all", options->all, "Every row of the pipeline");
  verb->add_flag("--discarded", options->filter.discarded, "Also those that were discarded");
  verb->callback([options, &context] {
    context.action = [options, &context] {
      require_choice(*options);
      const auto rows = context.pipelines()->retry_quarantined(options->name, options->filter, progress_on_stderr(),
                                                               context.signals.token());
      show_retried(std::cout, context.format, options->name, rows);
      return std::all_of(rows.begin(), rows.end(), [](const auto& row) { return row.settled(); }) ? 0 : kLeft;
    };
  });
}

void add_discard(CLI::App& group, Context& context) {
  auto* verb = group.add_subcommand(
      "discard", "Mark rows as seen to: they are not listed any more; the target's row stays as it is");
  auto options = add_choice(*verb);
  add_ids(*verb, options);
  verb->add_flag("--all", options->all, "Every row of the pipeline");
  verb->callback([options, &context] {
    context.action = [options, &context] {
      require_choice(*options);
      const auto count =
          context.pipelines()->discard_quarantined(options->name, options->filter, context.signals.token());
      answer(context, "✓ " + std::to_string(count) + " row(s) discarded.",
             {{"pipeline", options->name}, {"discarded", count}});
      return 0;
    };
  });
}

}  // namespace

void add_quarantine_command(CLI::App& app, Context& context) {
  auto* group = app.add_subcommand("quarantine", "Rows that SQL Server did not take: list, show, retry, discard");
  group->description(
      "Rows that a pipeline made with --poison quarantine has put into millrace.quarantine.\n\n"
      "  millrace quarantine list SHOP\n"
      "  millrace quarantine show SHOP --id 17\n"
      "  millrace quarantine retry SHOP --tables orders   once what refused them is corrected\n"
      "  millrace quarantine discard SHOP --id 17\n");
  group->require_subcommand(1);
  add_quarantine_list(*group, context);
  add_show(*group, context);
  add_retry(*group, context);
  add_discard(*group, context);
}

}  // namespace millrace::cli
