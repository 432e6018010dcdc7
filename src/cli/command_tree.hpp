#pragma once

#include <CLI/App.hpp>
#include <string>
#include <vector>

/// The command line as CLI11 has it, read by what describes it: completion and reference. Pure.
namespace millrace::cli {

/// The verbs and groups below it that people see, in the order in which they were added.
std::vector<const CLI::App*> visible_subcommands(const CLI::App& command);
/// Its options that people see, without those of its parents and without positional ones.
std::vector<const CLI::Option*> visible_options(const CLI::App& command);
std::vector<const CLI::Option*> positionals(const CLI::App& command);
bool takes_value(const CLI::Option& option);
bool takes_several(const CLI::Option& option);
/// "-o,--output" -> "--output".
std::string long_name(const CLI::Option& option);
/// "millrace quarantine list".
std::string full_name(const CLI::App& command);
/// The option of the command, or of one of its parents, by "-o" or "--output"; null when there is none.
const CLI::Option* find_option(const CLI::App& command, const std::string& name);

}  // namespace millrace::cli
