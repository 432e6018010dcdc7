#include "cli/app.hpp"

#include <unistd.h>

#include <CLI/CLI.hpp>

#include <cstdlib>
#include <functional>
#include <iostream>
#include <nlohmann/json.hpp>

#include "cli/output.hpp"
#include "cli/signals.hpp"
#include "cli/spec_options.hpp"
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
  explicit App(const Signals& signals) : signals_(signals) {
    app_.description(
        "Live, exact copies of PostgreSQL tables in SQL Server.\n\n"
        "  millrace create --source postgres://user@host/db --tables orders,customers \\\n"
        "                  --target 'sqlserver://user@host/db' --connect-url http://host:8083");
    app_.footer(
        "Exit codes: 0 done; 1 failed while running; 2 wrong usage or refused by validation; 3 a server, a "
        "sign-in or a needed part is missing; 130, 143 ended by a signal.");
    app_.set_version_flag("--version", "millrace " MILLRACE_VERSION);
    app_.require_subcommand(1);
    app_.fallthrough();
    data_dir_ = default_data_dir().string();
    app_.add_option("--data-dir", data_dir_, "Where pipelines are kept [MILLRACE_DATA_DIR]")->capture_default_str();
    const std::map<std::string, Format> formats{
        {"table", Format::kTable}, {"json", Format::kJson}, {"yaml", Format::kYaml}};
    app_.add_option("-o,--output", format_, "table, json or yaml")
        ->transform(CLI::CheckedTransformer(formats).description(""));
    add_create();
    add_plan();
    add_reading();
    add_control();
    add_delete();
  }

  int run(int argc, char** argv) {
    try {
      app_.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
      const int code = app_.exit(error);
      return code == 0 ? 0 : kUsageExit;
    }
    try {
      return action_();
    } catch (const Error& error) {
      print_error(format_ == Format::kTable ? std::cerr : std::cout, format_, error);
      if (error.code() == ErrorCode::kInterrupted && signals_.received() != 0) return kSignalBase + signals_.received();
      return error.info().exit_code;
    } catch (const std::exception& unexpected) {
      print_error(std::cerr, format_,
                  Error(ErrorCode::kInternal, "Millrace failed unexpectedly.").because(unexpected.what()));
      return kFailureExit;
    }
  }

 private:
  manager::CdcManager open() const { return manager::CdcManager(data_dir_); }

  /// Progress belongs on standard error, so that standard output holds the answer alone.
  static pipeline::Progress progress() {
    return [](const std::string& line) { std::cerr << "  " << line << std::endl; };
  }

  void add_create() {
    auto* verb =
        app_.add_subcommand("create", "Create a pipeline: check, make slot, publication and tables, load, stream");
    create_ = std::make_unique<SpecOptions>(*verb);
    verb->callback([this] {
      action_ = [this] {
        const auto spec = create_->spec();
        auto manager = open();
        show_created(std::cout, format_, manager.create_pipeline(spec, progress(), signals_.token()));
        return 0;
      };
    });
  }

  void add_plan() {
    auto* verb = app_.add_subcommand("plan", "Show what create would do and what stands in its way; changes nothing");
    plan_ = std::make_unique<SpecOptions>(*verb);
    verb->callback([this] {
      action_ = [this] {
        const auto spec = plan_->spec();
        const auto plan = open().plan(spec, signals_.token());
        show_plan(std::cout, format_, plan);
        return preflight::has_errors(plan.findings) ? kUsageExit : 0;
      };
    });
  }

  void add_reading() {
    app_.add_subcommand("list", "List pipelines")->callback([this] {
      action_ = [this] {
        show_list(std::cout, format_, open().list());
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
    status->callback([this] { action_ = [this] { return watch_ ? watch() : one_status(); }; });
  }

  int one_status() {
    const auto status = open().status(name_, signals_.token());
    show_status(std::cout, format_, status);
    const bool good = status.state == pipeline::State::kRunning || status.state == pipeline::State::kPaused;
    return good ? 0 : kFailureExit;
  }

  int watch() {
    ClockPause pause;
    auto manager = open();
    do {
      try {
        const auto status = manager.status(name_, signals_.token());
        if (format_ == Format::kTable && isatty(STDOUT_FILENO) != 0) std::cout << "\x1b[H\x1b[2J";
        show_status(std::cout, format_, status);
        std::cout << std::endl;
      } catch (const Error& error) {
        // Ctrl-C is how watching ends, also while a server is being asked.
        if (error.code() != ErrorCode::kInterrupted) throw;
      }
    } while (pause.wait(std::chrono::seconds(interval_s_), signals_.token()));
    return 0;
  }

  void add_control() {
    using Verb = void (manager::CdcManager::*)(const std::string&, const std::stop_token&);
    const auto add = [this](const char* name, const char* help, const char* done, Verb call) {
      auto* verb = app_.add_subcommand(name, help);
      verb->add_option("pipeline", name_, "Name of the pipeline")->required();
      verb->callback([this, done, call] {
        action_ = [this, done, call] {
          auto manager = open();
          (manager.*call)(name_, signals_.token());
          if (format_ == Format::kTable) {
            std::cout << "✓ Pipeline " << name_ << ' ' << done << ".\n";
          } else {
            print_value(std::cout, format_, nlohmann::ordered_json{{"pipeline", name_}, {"result", done}});
          }
          return 0;
        };
      });
    };
    add("pause", "Stop moving changes; the slot keeps them", "paused", &manager::CdcManager::pause);
    add("resume", "Go on where pause stopped", "resumed", &manager::CdcManager::resume);
    add("restart", "Deploy what is missing, restart what has failed", "restarted", &manager::CdcManager::restart);
  }

  void add_delete() {
    auto* verb =
        app_.add_subcommand("delete", "Remove connectors, offsets, slot and publication; proves that the slot is gone");
    verb->add_option("pipeline", name_, "Name of the pipeline")->required();
    verb->add_flag("--drop-topics", delete_.drop_topics,
                   "Remove the Kafka topics too (needs --kafka-bootstrap at create)");
    verb->add_flag("--drop-tables", delete_.drop_tables,
                   "Remove the target tables that Millrace made, with their rows");
    verb->add_flag("--force", delete_.force, "Forget the pipeline even when a server cannot be reached");
    verb->add_flag("-y,--yes", yes_, "Do not ask about topics and tables");
    verb->callback([this] {
      action_ = [this] {
        auto manager = open();
        ask();
        show_deleted(std::cout, format_, name_, manager.delete_pipeline(name_, delete_, progress(), signals_.token()));
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

  const Signals& signals_;
  CLI::App app_;
  std::string data_dir_;
  Format format_ = Format::kTable;
  std::string name_;
  bool watch_ = false;
  int interval_s_ = 2;
  bool yes_ = false;
  manager::DeleteOptions delete_;
  std::unique_ptr<SpecOptions> create_;
  std::unique_ptr<SpecOptions> plan_;
  std::function<int()> action_;
};

}  // namespace

int run(int argc, char** argv) {
  const Signals signals;
  return App(signals).run(argc, argv);
}

}  // namespace millrace::cli
