#include "cli/completion_command.hpp"

#include <CLI/CLI.hpp>

#include <iostream>
#include <memory>

#include "cli/completion.hpp"

namespace millrace::cli {

void add_completion_command(CLI::App& app, Context& context) {
  auto* verb = app.add_subcommand("completion", "Print the script by which a shell completes commands and names");
  auto shell = std::make_shared<std::string>();
  verb->add_option("shell", *shell, "bash, zsh or fish")->required();
  verb->footer(
      "Names of pipelines, tables and contexts are asked for as they are typed.\n\n"
      "  source <(millrace completion bash)                                            this shell\n"
      "  millrace completion bash > /etc/bash_completion.d/millrace                    every shell\n"
      "  millrace completion zsh > \"${fpath[1]}/_millrace\"\n"
      "  millrace completion fish > ~/.config/fish/completions/millrace.fish");
  verb->callback([shell, &context] {
    context.action = [shell] {
      std::cout << completion_script(*shell);
      return 0;
    };
  });
}

}  // namespace millrace::cli
