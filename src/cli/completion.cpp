#include "cli/completion.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <map>
#include <utility>

#include "cli/command_tree.hpp"

namespace millrace::cli {
namespace {

using Candidates = std::vector<Completion::Candidate>;

/// The words that options and arguments take, by their names.
const std::map<std::string, std::vector<std::string>>& fixed_words() {
  static const std::map<std::string, std::vector<std::string>> kWords{
      {"--output", {"table", "json", "yaml"}},
      {"--engine", {"embedded", "kafka-connect"}},
      {"--snapshot", {"initial", "no_data", "debezium"}},
      {"--load-policy", {"fail", "truncate", "swap"}},
      {"--toast", {"reselect", "full"}},
      {"--truncate", {"apply", "ignore"}},
      {"--value-policy", {"fail", "null", "clamp", "text"}},
      {"--publication-mode", {"filtered", "all_tables", "disabled"}},
      {"--schema-policy", {"apply", "ignore", "pause"}},
      {"--poison", {"stop", "quarantine"}},
      {"--sink", {"auto", "debezium", "confluent", "aiven"}},
      {"--unwrap", {"auto", "native", "extract_after", "extract_new_record_state"}},
      {"--secrets", {"inline", "file", "env", "dir"}},
      {"--severity", {"info", "warning", "error"}},
      {"--role", {"viewer", "operator", "admin"}},
      {"--kind", {"source", "target"}},
      {"--allow-networks", {"private", "loopback"}},
      {"shell", {"bash", "zsh", "fish"}}};
  return kWords;
}

bool names_a_file(const std::string& name) {
  return name.ends_with("file") || name.ends_with("-cert") || name.ends_with("-key") || name == "--config" ||
         name == "--data-dir";
}

std::string first_line(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

/// What was typed, read up to the word that is being typed.
class Typed {
 public:
  Typed(const CLI::App& root, const std::vector<std::string>& words) : command_(&root) {
    for (std::size_t i = 0; i + 1 < words.size(); ++i) read(words[i]);
  }

  const CLI::App& command() const { return *command_; }
  /// The option whose value comes next.
  const CLI::Option* waiting() const { return waiting_; }
  const std::vector<std::string>& arguments() const { return arguments_; }
  const std::vector<std::pair<const CLI::Option*, std::string>>& values() const { return values_; }
  bool options_ended() const { return options_ended_; }

 private:
  void read(const std::string& word) {
    if (waiting_ != nullptr) {
      values_.emplace_back(std::exchange(waiting_, nullptr), word);
    } else if (word == "--") {
      options_ended_ = true;
    } else if (word.size() > 1 && word[0] == '-' && !options_ended_) {
      const auto equals = word.find('=');
      const auto* option = find_option(*command_, word.substr(0, equals));
      if (option == nullptr || !takes_value(*option)) return;
      if (equals == std::string::npos) {
        waiting_ = option;
      } else {
        values_.emplace_back(option, word.substr(equals + 1));
      }
    } else if (const auto* verb = subcommand(word); verb != nullptr && arguments_.empty()) {
      command_ = verb;
    } else {
      arguments_.push_back(word);
    }
  }

  const CLI::App* subcommand(const std::string& word) const {
    for (const auto* verb : visible_subcommands(*command_)) {
      if (verb->get_name() == word) return verb;
    }
    return nullptr;
  }

  const CLI::App* command_;
  const CLI::Option* waiting_ = nullptr;
  std::vector<std::string> arguments_;
  std::vector<std::pair<const CLI::Option*, std::string>> values_;
  bool options_ended_ = false;
};

/// Bash parts "--output=js" into three words.
std::vector<std::string> joined(const std::vector<std::string>& words) {
  std::vector<std::string> whole;
  for (const auto& word : words) {
    const bool after_option = !whole.empty() && whole.back().starts_with("--");
    const bool after_equals = after_option && whole.back().ends_with("=");
    if ((word == "=" && after_option) || (after_equals && &word != &words.front())) {
      whole.back() += word;
    } else {
      whole.push_back(word);
    }
  }
  return whole;
}

class Completer {
 public:
  Completer(const Typed& typed, const LiveNames& names) : typed_(typed), names_(names) {}

  Completion run(const std::string& word) {
    if (const auto* option = typed_.waiting()) {
      value_of(long_name(*option));
      return take(word);
    }
    const auto equals = word.find('=');
    if (word.starts_with("--") && equals != std::string::npos && !typed_.options_ended()) {
      if (const auto* option = find_option(typed_.command(), word.substr(0, equals))) value_of(long_name(*option));
      return take(word.substr(equals + 1));
    }
    if (word.starts_with("-") && !typed_.options_ended()) {
      options();
    } else if (const auto verbs = visible_subcommands(typed_.command()); !verbs.empty()) {
      for (const auto* verb : verbs) add(verb->get_name(), first_line(verb->get_description()));
    } else {
      argument();
    }
    return take(word);
  }

 private:
  void add(const std::string& text, const std::string& help = {}) { all_.candidates.push_back({text, help}); }
  void add_all(const std::vector<std::string>& texts) {
    for (const auto& text : texts) add(text);
  }

  void options() {
    for (const auto* command = &typed_.command(); command != nullptr; command = command->get_parent()) {
      for (const auto* option : visible_options(*command))
        add(long_name(*option), first_line(option->get_description()));
    }
  }

  void argument() {
    const auto list = positionals(typed_.command());
    if (list.empty()) return;
    const auto index = typed_.arguments().size();
    if (index < list.size()) {
      value_of(list[index]->get_name());
    } else if (takes_several(*list.back())) {
      value_of(list.back()->get_name());
    }
  }

  void value_of(const std::string& name) {
    if (const auto words = fixed_words().find(name); words != fixed_words().end()) return add_all(words->second);
    if (name == "pipeline") return add_all(names_.pipelines());
    // `create` names one that is not there yet.
    const bool saved = name == "connection" && typed_.command().get_name() != "create";
    if (saved || name == "--source-connection" || name == "--target-connection") return add_all(names_.connections());
    if (name == "--context" || (name == "name" && typed_.command().get_parent()->get_name() == "context")) {
      add_all(names_.contexts());
    } else if (name == "table" || name == "tables" || name == "--tables") {
      // Of a pipeline that is named already; add-tables names what is not in one.
      if (!typed_.arguments().empty() && typed_.command().get_name() != "add-tables") {
        add_all(names_.tables(typed_.arguments().front()));
      }
    } else {
      all_.files = names_a_file(name);
    }
  }

  /// Those that go on what is typed; after a comma the next of a list.
  Completion take(const std::string& typed) const {
    const auto comma = typed.rfind(',');
    const auto head = comma == std::string::npos ? "" : typed.substr(0, comma + 1);
    const auto tail = typed.substr(head.size());
    Completion fitting{.candidates = {}, .files = all_.files};
    for (const auto& candidate : all_.candidates) {
      if (candidate.text.starts_with(tail)) fitting.candidates.push_back({head + candidate.text, candidate.help});
    }
    return fitting;
  }

  const Typed& typed_;
  const LiveNames& names_;
  Completion all_;
};

}  // namespace

Completion complete(const CLI::App& root, std::vector<std::string> words, const LiveNames& names) {
  words = joined(words);
  if (words.empty()) words.emplace_back();
  const Typed typed(root, words);
  return Completer(typed, names).run(words.back());
}

std::vector<std::pair<const CLI::Option*, std::string>> root_options(const CLI::App& root,
                                                                     const std::vector<std::string>& words) {
  std::vector<std::pair<const CLI::Option*, std::string>> found;
  const auto whole = joined(words);
  const Typed typed(root, whole);
  for (const auto& [option, value] : typed.values()) {
    const auto own = root.get_options();
    if (std::find(own.begin(), own.end(), option) != own.end()) found.emplace_back(option, value);
  }
  return found;
}

}  // namespace millrace::cli
