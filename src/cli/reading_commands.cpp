#include "cli/reading_commands.hpp"

#include <unistd.h>

#include <CLI/CLI.hpp>

#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/settings_document.hpp"
#include "cli/views.hpp"
#include "pipeline/answers_json.hpp"
#include "support/error.hpp"
#include "support/retry.hpp"

namespace millrace::cli {
namespace {

using nlohmann::ordered_json;

constexpr int kNotWell = 1;

struct ReadingOptions {
  std::string name;
  bool watch = false;
  int interval_s = 2;
  EventFilter filter = {.most = 50};
};
using SharedReading = std::shared_ptr<ReadingOptions>;

void add_list(CLI::App& app, Context& context) {
  app.add_subcommand("list", "List pipelines")->callback([&context] {
    context.action = [&context] {
      show_list(std::cout, context.format, context.pipelines()->list(context.signals.token()));
      return 0;
    };
  });
}

int get(const ReadingOptions& options, const Context& context) {
  const auto settings = context.pipelines()->settings(options.name, context.signals.token());
  print_value(std::cout, context.format == Format::kTable ? Format::kYaml : context.format,
              settings_document(settings.spec, false));
  return 0;
}

void add_get(CLI::App& app, Context& context) {
  auto* verb = app.add_subcommand(
      "get", "Show a pipeline's settings as a file that `create -f` and `apply -f` take, without passwords");
  auto options = std::make_shared<ReadingOptions>();
  verb->add_option("pipeline", options->name, "Name of the pipeline")->required();
  verb->callback([options, &context] { context.action = [options, &context] { return get(*options, context); }; });
}

int describe(const ReadingOptions& options, const Context& context) {
  constexpr std::size_t kEvents = 10;
  const auto pipelines = context.pipelines();
  const auto& stop = context.signals.token();
  const auto settings = settings_document(pipelines->settings(options.name, stop).spec, false);
  const auto status = pipelines->status(options.name, stop);
  const auto events = pipelines->events({.pipeline = options.name, .most = kEvents}, stop);
  if (context.format != Format::kTable) {
    print_value(std::cout, context.format,
                {{"settings", settings}, {"status", pipeline::status_json(status)}, {"events", events}});
    return 0;
  }
  show_status(std::cout, context.format, status);
  std::cout << "\nSettings\n";
  print_value(std::cout, Format::kYaml, settings);
  std::cout << "\nLatest events\n";
  show_events(std::cout, context.format, events);
  return 0;
}

void add_describe(CLI::App& app, Context& context) {
  auto* verb = app.add_subcommand("describe", "Show all of a pipeline: status, settings and latest events");
  auto options = std::make_shared<ReadingOptions>();
  verb->add_option("pipeline", options->name, "Name of the pipeline")->required();
  verb->callback([options, &context] { context.action = [options, &context] { return describe(*options, context); }; });
}

int one_status(const ReadingOptions& options, const Context& context) {
  const auto status = context.pipelines()->status(options.name, context.signals.token());
  show_status(std::cout, context.format, status);
  const bool well = status.state == pipeline::State::kRunning || status.state == pipeline::State::kPaused;
  return well ? 0 : kNotWell;
}

int watch(const ReadingOptions& options, const Context& context) {
  ClockPause pause;
  const auto pipelines = context.pipelines();
  do {
    try {
      const auto status = pipelines->status(options.name, context.signals.token());
      if (context.format == Format::kTable && isatty(STDOUT_FILENO) != 0) std::cout << "\x1b[H\x1b[2J";
      show_status(std::cout, context.format, status);
      std::cout << std::endl;
    } catch (const Error& error) {
      // Ctrl-C is how watching ends, also while a server is being asked.
      if (error.code() != ErrorCode::kInterrupted) throw;
    }
  } while (pause.wait(std::chrono::seconds(options.interval_s), context.signals.token()));
  return 0;
}

void add_status(CLI::App& app, Context& context) {
  auto* verb =
      app.add_subcommand("status", "Show states, lag and rows of a pipeline; exit code 1 unless it runs or is paused");
  auto options = std::make_shared<ReadingOptions>();
  verb->add_option("pipeline", options->name, "Name of the pipeline")->required();
  verb->add_flag("-w,--watch", options->watch, "Show it again and again until Ctrl-C");
  verb->add_option("--interval", options->interval_s, "Seconds between two looks")
      ->check(CLI::Range(1, 3600))
      ->capture_default_str();
  verb->callback([options, &context] {
    context.action = [options, &context] {
      return options->watch ? watch(*options, context) : one_status(*options, context);
    };
  });
}

void add_events(CLI::App& app, Context& context) {
  auto* verb = app.add_subcommand("events", "List what happened, newest first, as a server wrote it down");
  auto options = std::make_shared<ReadingOptions>();
  verb->add_option("pipeline", options->filter.pipeline, "Only of this pipeline");
  verb->add_option("--kind", options->filter.kind, "Only of this kind: run.failed, or all of a family: run");
  verb->add_option("--severity", options->filter.severity, "Only of this severity: info, warning or error")
      ->check(CLI::IsMember({"info", "warning", "error"}));
  verb->add_option("--most", options->filter.most, "How many at most; 0: all")->capture_default_str();
  verb->footer(
      "`millrace run` shows its events as they come; those of pipelines that a server runs are kept for 30 days.");
  verb->callback([options, &context] {
    context.action = [options, &context] {
      show_events(std::cout, context.format, context.pipelines()->events(options->filter, context.signals.token()));
      return 0;
    };
  });
}

}  // namespace

void add_reading_commands(CLI::App& app, Context& context) {
  add_list(app, context);
  add_get(app, context);
  add_describe(app, context);
  add_status(app, context);
  add_events(app, context);
}

}  // namespace millrace::cli
