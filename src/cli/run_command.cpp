#include "cli/run_command.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>

#include <chrono>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/run_reports.hpp"
#include "support/unix_time.hpp"

namespace millrace::cli {
namespace {

TerminalSize terminal_size() {
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0) return {};
  return {size.ws_col, size.ws_row};
}

struct RunCommandOptions {
  std::string name;
  manager::RunRequest request;
};

int carry(const RunCommandOptions& options, const Context& context) {
  context.require_local("run", "A server runs its pipelines itself: `millrace status NAME --watch` shows how they go.");
  manager::CdcManager manager(context.data_dir);
  const auto name = options.name.empty() ? manager.only_runnable() : options.name;
  ReportPlace place{.out = std::cout, .now_ms = unix_ms, .terminal = {}};
  if (isatty(STDOUT_FILENO) != 0) place.terminal = terminal_size;
  const auto reports = make_reports(context.format, std::move(place));
  const auto say = [&](const char* kind, const std::string& message) {
    reports->event({replication::RunEvent::Severity::kInfo, kind, "", message, ""});
  };
  switch (manager.run(name, options.request, *reports, context.signals.token())) {
    case manager::RunEnd::kStopped:
      say("run.stopped", "stopped; `millrace run " + name + "` goes on from here");
      return context.signals.exit_code();
    case manager::RunEnd::kCaughtUp:
      say("run.caught_up", "caught up with the source as it was at the start");
      return 0;
    case manager::RunEnd::kPaused:
      say("run.paused", "the pipeline was paused; `millrace resume " + name + "`, then `millrace run` again");
      return 0;
    case manager::RunEnd::kDeleted:
      say("run.deleted", "the pipeline was deleted");
      return 0;
  }
  return 1;
}

/// As one line where lines are read by a machine.
int run(const RunCommandOptions& options, const Context& context) {
  try {
    return carry(options, context);
  } catch (const Error& error) {
    if (context.format != Format::kJson) throw;
    nlohmann::ordered_json line{{"type", "error"}, {"time", utc_time(unix_ms())}};
    line.update(error_json(error));
    std::cout << line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) << std::endl;
    return error.info().exit_code;
  }
}

}  // namespace

void add_run_command(CLI::App& app, Context& context) {
  auto* verb = app.add_subcommand("run", "Move the data of a pipeline of the embedded engine: load, then stream");
  auto options = std::make_shared<RunCommandOptions>();
  verb->add_option("pipeline", options->name, "Name of the pipeline; may be left out when there is only one");
  verb->add_flag("--until-caught-up", options->request.until_caught_up,
                 "End once all is loaded and the stream has passed the source's position of the start");
  verb->footer(
      "It stays in the foreground and shows its progress; Ctrl-C or SIGTERM ends it between two batches, and the next\n"
      "run goes on exactly there (a second signal ends it at once, which is safe too). Lost connections and busy\n"
      "servers are waited for. It ends by itself when the pipeline is paused or deleted (exit code 0), and with an\n"
      "error for what needs a person, which `millrace status` shows too. Only one process moves a pipeline: a second\n"
      "one takes over and the first ends.\n\n"
      "  millrace run                      the only pipeline there is, until Ctrl-C\n"
      "  millrace run SHOP -o json         one JSON object a line: type event, load, stream or error\n"
      "  millrace run --until-caught-up    for cron and scripts: ends with 0 when the copy is as new as the\n"
      "                                    source was at the start\n\n"
      "Exit codes: 0 caught up, paused or deleted; 130, 143 ended by a signal; else by the error, as for every verb.");
  verb->callback([options, &context] { context.action = [options, &context] { return run(*options, context); }; });
}

}  // namespace millrace::cli
