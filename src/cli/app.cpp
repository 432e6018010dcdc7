#include "cli/app.hpp"

#include <unistd.h>

#include <CLI/CLI.hpp>

#include <cstdlib>
#include <functional>
#include <iostream>
#include <nlohmann/json.hpp>

#include "cli/admin_commands.hpp"
#include "cli/context.hpp"
#include "cli/password_command.hpp"
#include "cli/quarantine_command.hpp"
#include "cli/run_command.hpp"
#include "cli/serve_command.hpp"
#include "cli/spec_options.hpp"
#include "cli/table_commands.hpp"
#include "cli/verify_command.hpp"
#include "cli/views.hpp"
#include "manager/cdc_manager.hpp"
#include "support/error.hpp"
#include "support/retry.hpp"

namespace millrace::cli {
namespace {

constexpr int kUsageExit = 2;
constexpr int kFailureExit = 1;
constexpr int kSignalBase = 128;

std::filesystem::path default_data_dir() {
  const auto value = [](const char* name) -> std::string {
    const char* text = std::getenv(name);
    return text == nullptr ? "" : text;
  };
  if (const auto own = value("MILLRACE_DATA_DIR"); !own.empty()) return own;
  if (const auto xdg = value("XDG_DATA_HOME"); !xdg.empty()) return std::filesystem::path(xdg) / "millrace";
  if (const auto home = value("HOME"); !home.empty()) return std::filesystem::path(home) / ".local/share/millrace";
  return "millrace-data";
}

/// The whole command line; a chosen verb leaves what to do in `action`.
class App {
 public:
  explicit App(const Signals& signals) : context_{.signals = signals} {
    app_.description(
        "Live, exact copies of PostgreSQL tables in SQL Server.\n\n"
        "  millrace create --source postgres://user@host/db --tables orders,customers \\\n"
        "                  --target 'sqlserver://user@host/db'\n"
        "  millrace run");
    app_.footer(
        "Exit codes: 0 done; 1 failed while running; 2 wrong usage or refused by validation; 3 a server, a "
        "sign-in or a needed part is missing; 130, 143 ended by a signal.");
    app_.set_version_flag("--version", "millrace " MILLRACE_VERSION);
    app_.require_subcommand(1);
    app_.fallthrough();
    context_.data_dir = default_data_dir().string();
    app_.add_option("--data-dir", context_.data_dir, "Where pipelines are kept [MILLRACE_DATA_DIR]")
        ->capture_default_str();
    const std::map<std::string, Format> formats{
        {"table", Format::kTable}, {"json", Format::kJson}, {"yaml", Format::kYaml}};
    app_.add_option("-o,--output", context_.format, "table, json or yaml")
        ->transform(CLI::CheckedTransformer(formats).description(""));
    add_create();
    add_plan();
    add_run_command(app_, context_);
    add_serve_command(app_, context_);
    add_verify_command(app_, context_);
    add_quarantine_command(app_, context_);
    add_reading();
    add_control();
    add_table_commands(app_, context_);
    add_password_command(app_, context_);
    add_delete();
    add_admin_commands(app_, context_);
  }

  int run(int argc, char** argv) {
    try {
      app_.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
      const int code = app_.exit(error);
      return code == 0 ? 0 : kUsageExit;
    }
    try {
      return context_.action();
    } catch (const Error& error) {
      print_error(context_.format == Format::kTable ? std::cerr : std::cout, context_.format, error);
      if (error.code() == ErrorCode::kInterrupted && context_.signals.received() != 0)
        return kSignalBase + context_.signals.received();
      return error.info().exit_code;
    } catch (const std::exception& unexpected) {
      print_error(std::cerr, context_.format,
                  Error(ErrorCode::kInternal, "Millrace failed unexpectedly.").because(unexpected.what()));
      return kFailureExit;
    }
  }

 private:
  void add_create() {
    auto* verb = app_.add_subcommand("create", "Create a pipeline: check, then make slot, publication and tables");
    create_ = std::make_unique<SpecOptions>(*verb);
    verb->callback([this] {
      context_.action = [this] {
        const auto spec = create_->spec();
        auto manager = context_.open();
        show_created(std::cout, context_.format,
                     manager.create_pipeline(spec, progress_on_stderr(), context_.signals.token()));
        return 0;
      };
    });
  }

  void add_plan() {
    auto* verb = app_.add_subcommand("plan", "Show what create would do and what stands in its way; changes nothing");
    plan_ = std::make_unique<SpecOptions>(*verb);
    verb->add_flag("--explain", explain_, "Tell above each key of the connector configs why it is there");
    verb->callback([this] {
      context_.action = [this] {
        const auto spec = plan_->spec();
        const auto plan = context_.open().plan(spec, context_.signals.token());
        show_plan(std::cout, context_.format, plan, explain_);
        return preflight::has_errors(plan.findings) ? kUsageExit : 0;
      };
    });
  }

  void add_reading() {
    app_.add_subcommand("list", "List pipelines")->callback([this] {
      context_.action = [this] {
        show_list(std::cout, context_.format, context_.open().list());
        return 0;
      };
    });
    auto* status = app_.add_subcommand(
        "status", "Show states, lag and rows of a pipeline; exit code 1 unless it runs or is paused");
    status->add_option("pipeline", name_, "Name of the pipeline")->required();
    status->add_flag("-w,--watch", watch_, "Show it again and again until Ctrl-C");
    status->add_option("--interval", interval_s_, "Seconds between two looks")
        ->check(CLI::Range(1, 3600))
        ->capture_default_str();
    status->callback([this] { context_.action = [this] { return watch_ ? watch() : one_status(); }; });
  }

  int one_status() {
    const auto status = context_.open().status(name_, context_.signals.token());
    show_status(std::cout, context_.format, status);
    const bool good = status.state == pipeline::State::kRunning || status.state == pipeline::State::kPaused;
    return good ? 0 : kFailureExit;
  }

  int watch() {
    ClockPause pause;
    auto manager = context_.open();
    do {
      try {
        const auto status = manager.status(name_, context_.signals.token());
        if (context_.format == Format::kTable && isatty(STDOUT_FILENO) != 0) std::cout << "\x1b[H\x1b[2J";
        show_status(std::cout, context_.format, status);
        std::cout << std::endl;
      } catch (const Error& error) {
        // Ctrl-C is how watching ends, also while a server is being asked.
        if (error.code() != ErrorCode::kInterrupted) throw;
      }
    } while (pause.wait(std::chrono::seconds(interval_s_), context_.signals.token()));
    return 0;
  }

  void add_control() {
    using Verb = void (manager::CdcManager::*)(const std::string&, const std::stop_token&);
    const auto add = [this](const char* name, const char* help, const char* done, Verb call) {
      auto* verb = app_.add_subcommand(name, help);
      verb->add_option("pipeline", name_, "Name of the pipeline")->required();
      verb->callback([this, done, call] {
        context_.action = [this, done, call] {
          auto manager = context_.open();
          (manager.*call)(name_, context_.signals.token());
          if (context_.format == Format::kTable) {
            std::cout << "✓ Pipeline " << name_ << ' ' << done << ".\n";
          } else {
            print_value(std::cout, context_.format, nlohmann::ordered_json{{"pipeline", name_}, {"result", done}});
          }
          return 0;
        };
      });
    };
    add("pause", "Stop moving changes; the slot keeps them", "paused", &manager::CdcManager::pause);
    add("resume", "Go on where pause stopped", "resumed", &manager::CdcManager::resume);
    add("restart", "Deploy what is missing, restart what has failed; forgets the error of a run that ended",
        "restarted", &manager::CdcManager::restart);
  }

  void add_delete() {
    auto* verb = app_.add_subcommand(
        "delete", "Remove the pipeline: what its engine made, slot and publication; proves that the slot is gone");
    verb->add_option("pipeline", name_, "Name of the pipeline")->required();
    verb->add_flag("--drop-topics", delete_.drop_topics,
                   "Remove the Kafka topics too (needs --kafka-bootstrap at create)");
    verb->add_flag("--drop-tables", delete_.drop_tables,
                   "Remove the target tables that Millrace made, with their rows");
    verb->add_flag("--force", delete_.force, "Forget the pipeline even when a server cannot be reached");
    verb->add_flag("-y,--yes", yes_, "Do not ask about topics and tables");
    verb->callback([this] {
      context_.action = [this] {
        auto manager = context_.open();
        ask();
        show_deleted(std::cout, context_.format, name_,
                     manager.delete_pipeline(name_, delete_, progress_on_stderr(), context_.signals.token()));
        return 0;
      };
    });
  }

  /// Only a person at a terminal is asked; a script says what it wants by options.
  void ask() {
    if (yes_ || isatty(STDIN_FILENO) == 0) return;
    const auto answer = [](const char* question) {
      std::cerr << question << " [y/N] " << std::flush;
      std::string line;
      std::getline(std::cin, line);
      return line == "y" || line == "Y" || line == "yes";
    };
    if (!delete_.drop_topics) delete_.drop_topics = answer("Remove the Kafka topics too?");
    if (!delete_.drop_tables)
      delete_.drop_tables = answer("Remove the target tables that Millrace made, with their rows?");
  }

  Context context_;
  CLI::App app_;
  std::string name_;
  bool watch_ = false;
  bool explain_ = false;
  int interval_s_ = 2;
  bool yes_ = false;
  manager::DeleteOptions delete_;
  std::unique_ptr<SpecOptions> create_;
  std::unique_ptr<SpecOptions> plan_;
};

}  // namespace

pipeline::Progress progress_on_stderr() {
  return [](const std::string& line) { std::cerr << "  " << line << std::endl; };
}

int run(int argc, char** argv) {
  const Signals signals;
  return App(signals).run(argc, argv);
}

}  // namespace millrace::cli
