#include "cli/control_commands.hpp"

#include <unistd.h>

#include <CLI/CLI.hpp>

#include <iostream>
#include <memory>

#include "cli/views.hpp"

namespace millrace::cli {
namespace {

using Verb = void (PipelineService::*)(const std::string&, const std::stop_token&);

struct VerbText {
  const char* name;
  const char* help;
  const char* done;
};

void add_verb(CLI::App& app, Context& context, const VerbText& text, Verb call) {
  auto* verb = app.add_subcommand(text.name, text.help);
  auto name = std::make_shared<std::string>();
  verb->add_option("pipeline", *name, "Name of the pipeline")->required();
  verb->callback([name, done = text.done, call, &context] {
    context.action = [name, done, call, &context] {
      (*context.pipelines().*call)(*name, context.signals.token());
      answer(context, "✓ Pipeline " + *name + " " + done + ".", {{"pipeline", *name}, {"result", done}});
      return 0;
    };
  });
}

struct Deletion {
  std::string name;
  manager::DeleteOptions options;
  bool yes = false;
};

/// Only a person at a terminal is asked; a script says what it wants by options.
void ask(Deletion& deletion) {
  if (deletion.yes || isatty(STDIN_FILENO) == 0) return;
  const auto agreed = [](const char* question) {
    std::cerr << question << " [y/N] " << std::flush;
    std::string line;
    std::getline(std::cin, line);
    return line == "y" || line == "Y" || line == "yes";
  };
  auto& options = deletion.options;
  if (!options.drop_topics) options.drop_topics = agreed("Remove the Kafka topics too?");
  if (!options.drop_tables)
    options.drop_tables = agreed("Remove the target tables that Millrace made, with their rows?");
}

void add_delete(CLI::App& app, Context& context) {
  auto* verb = app.add_subcommand(
      "delete", "Remove the pipeline: what its engine made, slot and publication; proves that the slot is gone");
  auto deletion = std::make_shared<Deletion>();
  auto& options = deletion->options;
  verb->add_option("pipeline", deletion->name, "Name of the pipeline")->required();
  verb->add_flag("--drop-topics", options.drop_topics,
                 "Remove the Kafka topics too (needs --kafka-bootstrap at create)");
  verb->add_flag("--drop-tables", options.drop_tables, "Remove the target tables that Millrace made, with their rows");
  verb->add_flag("--force", options.force, "Forget the pipeline even when a server cannot be reached");
  verb->add_flag("-y,--yes", deletion->yes, "Do not ask about topics and tables");
  verb->callback([deletion, &context] {
    context.action = [deletion, &context] {
      const auto pipelines = context.pipelines();
      ask(*deletion);
      show_deleted(std::cout, context.format, deletion->name,
                   pipelines->remove(deletion->name, deletion->options, progress_on_stderr(), context.signals.token()));
      return 0;
    };
  });
}

}  // namespace

void add_control_commands(CLI::App& app, Context& context) {
  add_verb(app, context, {"pause", "Stop moving changes; the slot keeps them", "paused"}, &PipelineService::pause);
  add_verb(app, context, {"resume", "Go on where pause stopped", "resumed"}, &PipelineService::resume);
  add_verb(app, context,
           {"restart", "Deploy what is missing, restart what has failed; forgets the error of a run that ended",
            "restarted"},
           &PipelineService::restart);
  add_delete(app, context);
}

}  // namespace millrace::cli
