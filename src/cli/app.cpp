#include "cli/app.hpp"

#include <CLI/CLI.hpp>

#include <cstdlib>
#include <iostream>
#include <map>

#include "cli/admin_commands.hpp"
#include "cli/apply_commands.hpp"
#include "cli/completion.hpp"
#include "cli/completion_command.hpp"
#include "cli/config_commands.hpp"
#include "cli/connection_commands.hpp"
#include "cli/context.hpp"
#include "cli/control_commands.hpp"
#include "cli/create_commands.hpp"
#include "cli/live_names.hpp"
#include "cli/login_commands.hpp"
#include "cli/password_command.hpp"
#include "cli/quarantine_command.hpp"
#include "cli/reading_commands.hpp"
#include "cli/reference.hpp"
#include "cli/run_command.hpp"
#include "cli/serve_command.hpp"
#include "cli/table_commands.hpp"
#include "cli/verify_command.hpp"
#include "support/environment.hpp"
#include "support/error.hpp"

namespace millrace::cli {
namespace {

constexpr int kUsageExit = 2;
constexpr int kFailureExit = 1;

std::filesystem::path default_data_dir() {
  if (const auto own = environment("MILLRACE_DATA_DIR"); !own.empty()) return own;
  if (const auto xdg = environment("XDG_DATA_HOME"); !xdg.empty()) return std::filesystem::path(xdg) / "millrace";
  if (const auto home = environment("HOME"); !home.empty())
    return std::filesystem::path(home) / ".local/share/millrace";
  return "millrace-data";
}

/// The whole command line; a chosen verb leaves what to do in the context's action.
class App {
 public:
  explicit App(const Signals& signals) : context_{.signals = signals} {
    app_.description(
        "Live, exact copies of PostgreSQL tables in SQL Server.\n\n"
        "  millrace create --source postgres://user@host/db --tables orders,customers \\\n"
        "                  --target 'sqlserver://user@host/db'\n"
        "  millrace run\n\n"
        "  millrace login https://millrace.example:8443      the same verbs then work on that server");
    app_.footer(
        "Exit codes: 0 done; 1 failed while running; 2 wrong usage or refused by validation; 3 a server, a "
        "sign-in or a needed part is missing; 4 `diff` found a difference; 130, 143 ended by a signal.");
    app_.set_version_flag("--version", "millrace " MILLRACE_VERSION);
    app_.require_subcommand(1);
    app_.fallthrough();
    context_.data_dir = default_data_dir().string();
    data_dir_ = app_.add_option("--data-dir", context_.data_dir, "Where pipelines are kept [MILLRACE_DATA_DIR]")
                    ->capture_default_str();
    const std::map<std::string, Format> formats{
        {"table", Format::kTable}, {"json", Format::kJson}, {"yaml", Format::kYaml}};
    app_.add_option("-o,--output", context_.format, "table, json or yaml")
        ->transform(CLI::CheckedTransformer(formats).description(""));
    context_.server.add_options(app_);
    data_dir_->excludes("--server")->excludes("--context");
    add_create_commands(app_, context_);
    add_apply_commands(app_, context_);
    add_run_command(app_, context_);
    add_serve_command(app_, context_);
    add_config_commands(app_, context_);
    add_verify_command(app_, context_);
    add_quarantine_command(app_, context_);
    add_reading_commands(app_, context_);
    add_control_commands(app_, context_);
    add_table_commands(app_, context_);
    add_password_command(app_, context_);
    add_connection_commands(app_, context_);
    add_login_commands(app_, context_);
    add_admin_commands(app_, context_);
    add_completion_command(app_, context_);
  }

  const CLI::App& tree() const { return app_; }

  /// What a shell's completion asks for: a line a candidate, with its help after a tabulator.
  int complete(const std::vector<std::string>& words) {
    for (const auto& [option, value] : root_options(app_, words)) {
      try {
        auto* own = app_.get_option(option->get_name());
        own->clear();
        own->add_result(value);
        own->run_callback();
      } catch (const CLI::Error&) {
        // Not a value that it takes: it says nothing.
      }
    }
    context_.data_dir_named = data_dir_->count() > 0;
    const auto found = cli::complete(app_, words, live_names(context_));
    for (const auto& [text, help] : found.candidates) std::cout << text << (help.empty() ? "" : "\t" + help) << '\n';
    if (found.files) std::cout << ":files\n";
    return 0;
  }

  int run(int argc, char** argv) {
    try {
      app_.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
      const int code = app_.exit(error);
      return code == 0 ? 0 : kUsageExit;
    }
    context_.data_dir_named = data_dir_->count() > 0;
    try {
      return context_.action();
    } catch (const Error& error) {
      print_error(context_.format == Format::kTable ? std::cerr : std::cout, context_.format, error);
      if (error.code() == ErrorCode::kInterrupted && context_.signals.received() != 0)
        return context_.signals.exit_code();
      return error.info().exit_code;
    } catch (const std::exception& unexpected) {
      print_error(std::cerr, context_.format,
                  Error(ErrorCode::kInternal, "Millrace failed unexpectedly.").because(unexpected.what()));
      return kFailureExit;
    }
  }

 private:
  Context context_;
  CLI::App app_;
  CLI::Option* data_dir_ = nullptr;
};

}  // namespace

int run(int argc, char** argv) {
  const Signals signals;
  App app(signals);
  const std::string word = argc > 1 ? argv[1] : "";
  if (word == "__complete") return app.complete({argv + 2, argv + argc});
  if (word == "__reference") {
    std::cout << (argc > 2 && std::string(argv[2]) == "man" ? man_page(app.tree()) : reference_page(app.tree()));
    return 0;
  }
  return app.run(argc, argv);
}

std::string command_line_page() {
  const Signals signals;
  return reference_page(App(signals).tree());
}

std::string command_line_man_page() {
  const Signals signals;
  return man_page(App(signals).tree());
}

}  // namespace millrace::cli
