#pragma once

#include <CLI/App.hpp>
#include <functional>
#include <string>
#include <vector>

namespace millrace::cli {

/// What may stand where somebody types.
struct Completion {
  struct Candidate {
    std::string text;
    std::string help = {};
  };
  std::vector<Candidate> candidates;  ///< those that begin with what is typed
  bool files = false;                 ///< names of files may stand there too
};

/// Names that only a server or the data directory knows. Each gives none when they cannot be had.
struct LiveNames {
  std::function<std::vector<std::string>()> pipelines;
  std::function<std::vector<std::string>(const std::string& pipeline)> tables;
  std::function<std::vector<std::string>()> contexts;
  std::function<std::vector<std::string>()> connections;
};

/// `words`: what is typed after the program's name; the last one is being typed and may be empty. An "=" of its own
/// (bash parts words there) joins an option and its value.
Completion complete(const CLI::App& root, std::vector<std::string> words, const LiveNames& names);

/// The options of the root that are typed before the last word, with their values, as a parse would take them: they say
/// where the names are.
std::vector<std::pair<const CLI::Option*, std::string>> root_options(const CLI::App& root,
                                                                     const std::vector<std::string>& words);

/// The script of a shell: bash, zsh or fish; it asks `millrace __complete`. Throws Error kUsage for another.
std::string completion_script(const std::string& shell);

}  // namespace millrace::cli
