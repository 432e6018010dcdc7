#include "cli/create_commands.hpp"

#include <CLI/CLI.hpp>

#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/spec_options.hpp"
#include "cli/views.hpp"

namespace millrace::cli {
namespace {

constexpr int kBlocked = 2;

void add_create(CLI::App& app, Context& context) {
  auto* verb = app.add_subcommand("create", "Create a pipeline: check, then make slot, publication and tables");
  auto options = std::make_shared<SpecOptions>(*verb);
  verb->callback([options, &context] {
    context.action = [options, &context] {
      const auto spec = options->spec(context.find_connection());
      show_created(std::cout, context.format,
                   context.pipelines()->create(spec, progress_on_stderr(), context.signals.token()));
      return 0;
    };
  });
}

void add_plan(CLI::App& app, Context& context) {
  auto* verb = app.add_subcommand("plan", "Show what create would do and what stands in its way; changes nothing");
  auto options = std::make_shared<SpecOptions>(*verb);
  auto explain = std::make_shared<bool>(false);
  verb->add_flag("--explain", *explain, "Tell above each key of the connector configs why it is there");
  verb->callback([options, explain, &context] {
    context.action = [options, explain, &context] {
      const auto spec = options->spec(context.find_connection());
      const auto plan = context.pipelines()->plan(spec, context.signals.token());
      show_plan(std::cout, context.format, plan, *explain);
      return plan.at("blocked").get<bool>() ? kBlocked : 0;
    };
  });
}

}  // namespace

void add_create_commands(CLI::App& app, Context& context) {
  add_create(app, context);
  add_plan(app, context);
}

}  // namespace millrace::cli
