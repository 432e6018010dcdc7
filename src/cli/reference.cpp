#include "cli/reference.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <functional>
#include <sstream>

#include "cli/command_tree.hpp"

namespace millrace::cli {
namespace {

/// In the order in which they were added.
void each_command(const CLI::App& command, const std::function<void(const CLI::App&)>& visit) {
  visit(command);
  for (const auto* verb : visible_subcommands(command)) each_command(*verb, visit);
}

std::string one_line(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

std::string value_name(const CLI::Option& option) {
  const auto type = option.get_type_name();
  if (type.find("INT") != std::string::npos || type.find("FLOAT") != std::string::npos) return "N";
  const auto name = long_name(option);
  return name.ends_with("file") || name == "--config" ? "FILE" : "TEXT";
}

/// "-o, --output TEXT".
std::string signature(const CLI::Option& option) {
  std::string text;
  for (const auto& name : option.get_snames()) text += (text.empty() ? "-" : ", -") + name;
  for (const auto& name : option.get_lnames()) text += (text.empty() ? "--" : ", --") + name;
  return takes_value(option) ? text + " " + value_name(option) : text;
}

std::string usage(const CLI::App& command) {
  std::string text = full_name(command);
  if (!visible_subcommands(command).empty()) return text + " COMMAND";
  for (const auto* argument : positionals(command)) {
    const auto name = argument->get_name() + (takes_several(*argument) ? ".." : "");
    text += argument->get_required() ? " " + name : " [" + name + "]";
  }
  return text + " [OPTIONS]";
}

/// What a person reads of an option, with its default where that is the same on every machine.
std::string help(const CLI::Option& option) {
  auto text = one_line(option.get_description());
  const auto& value = option.get_default_str();
  const bool told = text.find("(default") != std::string::npos;
  if (!value.empty() && value.find('/') == std::string::npos && !told) text += " (default " + value + ")";
  return text;
}

bool is_help(const CLI::Option& option) {
  return long_name(option) == "--help";
}

std::vector<std::string> groups(const std::vector<const CLI::Option*>& options) {
  std::vector<std::string> names;
  for (const auto* option : options) {
    if (std::find(names.begin(), names.end(), option->get_group()) == names.end()) names.push_back(option->get_group());
  }
  return names;
}

std::string cell(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '|' || c == '<' || c == '*' || c == '_') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

void option_table(std::ostream& out, const CLI::App& command) {
  const auto options = visible_options(command);
  for (const auto& group : groups(options)) {
    std::ostringstream rows;
    for (const auto* option : options) {
      if (option->get_group() != group || is_help(*option)) continue;
      rows << "| `" << signature(*option) << "` | " << cell(help(*option)) << " |\n";
    }
    if (rows.str().empty()) continue;
    if (group != "Options") out << "\n*" << group << "*\n";
    out << "\n| option | |\n|---|---|\n" << rows.str();
  }
}

void argument_table(std::ostream& out, const CLI::App& command) {
  const auto arguments = positionals(command);
  if (arguments.empty()) return;
  out << "\n| argument | |\n|---|---|\n";
  for (const auto* argument : arguments) {
    out << "| `" << argument->get_name() << "` | " << cell(help(*argument)) << " |\n";
  }
}

/// Paragraphs are parted by one empty line.
std::string without_double_blanks(const std::string& text) {
  std::string result;
  for (const char c : text) {
    if (c != '\n' || !result.ends_with("\n\n")) result += c;
  }
  return result;
}

/// Lines that are indented are an example.
void prose(std::ostream& out, const std::string& text) {
  if (text.empty()) return;
  out << '\n';
  bool example = false;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const bool indented = line.starts_with("  ");
    if (indented && !example) out << "\n";
    if (!indented && example && !line.empty()) out << "\n";
    example = indented || (example && line.empty());
    out << (indented ? "  " : "") << line << '\n';
  }
}

/// What the roff formatter would take for its own.
std::string roff(const std::string& text) {
  std::string escaped;
  bool first = true;
  for (const char c : text) {
    if (first && (c == '.' || c == '\'')) escaped += "\\&";
    if (c == '\\') {
      escaped += "\\e";
    } else if (c == '-') {
      escaped += "\\-";
    } else {
      escaped += c;
    }
    first = c == '\n';
  }
  return escaped;
}

void roff_prose(std::ostream& out, const std::string& text) {
  bool example = false;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const bool indented = line.starts_with("  ");
    if (indented != example && !line.empty()) {
      out << (indented ? ".nf\n" : ".fi\n");
      example = indented;
    }
    out << (line.empty() ? (example ? "" : ".P") : roff(line)) << '\n';
  }
  if (example) out << ".fi\n";
}

void roff_command(std::ostream& out, const CLI::App& command) {
  out << ".SS " << roff(full_name(command)) << "\n.B " << roff(usage(command)) << "\n.P\n";
  roff_prose(out, command.get_description());
  const auto entry = [&](const std::string& name, const std::string& text) {
    out << ".TP\n.B " << roff(name) << '\n' << roff(text) << '\n';
  };
  for (const auto* argument : positionals(command)) entry(argument->get_name(), help(*argument));
  for (const auto* option : visible_options(command)) {
    if (!is_help(*option)) entry(signature(*option), help(*option));
  }
  if (!command.get_footer().empty()) out << ".P\n";
  roff_prose(out, command.get_footer());
}

}  // namespace

std::string reference_page(const CLI::App& root) {
  std::ostringstream out;
  out << "# The command line\n\n"
         "Written by `scripts/cli_doc.py` from the command line itself; do not edit by hand.\n";
  each_command(root, [&](const CLI::App& command) {
    out << "\n## " << full_name(command) << '\n';
    prose(out, command.get_description());
    out << "\n    " << usage(command) << '\n';
    if (const auto verbs = visible_subcommands(command); !verbs.empty()) {
      out << "\n| command | |\n|---|---|\n";
      for (const auto* verb : verbs) {
        const auto text = verb->get_description();
        out << "| `" << verb->get_name() << "` | " << cell(text.substr(0, text.find('\n'))) << " |\n";
      }
    }
    argument_table(out, command);
    option_table(out, command);
    prose(out, command.get_footer());
  });
  return without_double_blanks(out.str());
}

std::string man_page(const CLI::App& root) {
  std::ostringstream out;
  out << ".\\\" Written by scripts/cli_doc.py from the command line itself; do not edit by hand.\n"
         ".TH MILLRACE 1\n"
         ".SH NAME\n"
         "millrace \\- live, exact copies of PostgreSQL tables in SQL Server\n"
         ".SH SYNOPSIS\n"
         ".B millrace\n"
         "COMMAND [OPTIONS]\n"
         ".SH DESCRIPTION\n";
  roff_prose(out, root.get_description());
  out << ".SH OPTIONS\nThese may follow any command.\n";
  for (const auto* option : visible_options(root)) {
    out << ".TP\n.B " << roff(signature(*option)) << '\n' << roff(help(*option)) << '\n';
  }
  out << ".SH COMMANDS\n";
  for (const auto* verb : visible_subcommands(root)) {
    each_command(*verb, [&](const CLI::App& command) { roff_command(out, command); });
  }
  out << ".SH EXIT STATUS\n" << roff(root.get_footer()) << '\n';
  return out.str();
}

}  // namespace millrace::cli
