#include "cli/table_commands.hpp"

#include <CLI/CLI.hpp>

#include <iostream>
#include <memory>

#include "cli/table_options.hpp"
#include "cli/views.hpp"

namespace millrace::cli {
namespace {

struct TableCommandOptions {
  std::string name;
  std::vector<std::string> tables;
  bool drop_tables = false;
  std::unique_ptr<TableOptions> mapping;
};

using SharedTables = std::shared_ptr<TableCommandOptions>;

SharedTables with_name(CLI::App& verb) {
  auto options = std::make_shared<TableCommandOptions>();
  verb.add_option("pipeline", options->name, "Name of the pipeline")->required();
  return options;
}

void add_adding(CLI::App& app, Context& context) {
  auto* verb =
      app.add_subcommand("add-tables", "Add tables to a live pipeline; they are loaded while the others go on");
  auto options = with_name(*verb);
  verb->add_option("tables", options->tables, "Names, schema.name or patterns")->required()->delimiter(',');
  options->mapping = std::make_unique<TableOptions>(*verb, "What is copied");
  verb->callback([options, &context] {
    context.action = [options, &context] {
      const auto result = context.pipelines()->add_tables(options->name, options->tables, options->mapping->tables(),
                                                          progress_on_stderr(), context.signals.token());
      show_table_change(std::cout, context.format, options->name, "added", result);
      return 0;
    };
  });
}

void add_removing(CLI::App& app, Context& context) {
  auto* verb = app.add_subcommand("remove-tables", "Take tables out of a live pipeline; the copies stay");
  auto options = with_name(*verb);
  verb->add_option("tables", options->tables, "Names, schema.name or patterns")->required()->delimiter(',');
  verb->add_flag("--drop-tables", options->drop_tables, "Remove the target tables that Millrace made, with their rows");
  verb->callback([options, &context] {
    context.action = [options, &context] {
      const auto result = context.pipelines()->remove_tables(options->name, options->tables, options->drop_tables,
                                                             progress_on_stderr(), context.signals.token());
      show_table_change(std::cout, context.format, options->name, "removed", result);
      return 0;
    };
  });
}

void add_reloading(CLI::App& app, Context& context) {
  auto* verb = app.add_subcommand(
      "reload",
      "Empty the copy of one table and load it anew; makes the target table anew when it does not fit any more");
  auto options = with_name(*verb);
  verb->add_option("table", options->tables, "Name or schema.name on the source")->required()->expected(1);
  verb->callback([options, &context] {
    context.action = [options, &context] {
      const auto result = context.pipelines()->reload_table(options->name, options->tables.front(),
                                                            progress_on_stderr(), context.signals.token());
      show_table_change(std::cout, context.format, options->name, "to be reloaded", result);
      return 0;
    };
  });
}

}  // namespace

void add_table_commands(CLI::App& app, Context& context) {
  add_adding(app, context);
  add_removing(app, context);
  add_reloading(app, context);
}

}  // namespace millrace::cli
