#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "support/secret.hpp"

namespace millrace::cli {

/// A server that was signed in to, by a name of the user's choice.
struct ServerContext {
  std::string server;  ///< "https://millrace.example:8443"
  Secret token;        ///< an API key
  std::string key_id;  ///< of the key, when `login` made it: for `logout` to revoke
  std::string ca_file;
  bool insecure_http = false;  ///< plain HTTP beyond the loopback was agreed to
};

/// The word for "no server": verbs work on the data directory.
inline constexpr const char* kLocalContext = "local";

/// The servers that a person knows, in $XDG_CONFIG_HOME/millrace/config.yaml (~/.config/millrace/config.yaml), readable
/// by its owner alone. Not thread-safe.
class ServerContexts {
 public:
  /// Nothing is there yet: no contexts, and kLocalContext is current. Throws Error kUsage naming the line for a file
  /// that is no such file, and for one that others may read.
  explicit ServerContexts(std::filesystem::path file = default_file());
  static std::filesystem::path default_file();

  /// Throws Error kUsage for a name that is not known.
  const ServerContext& find(const std::string& name) const;
  const std::map<std::string, ServerContext>& all() const { return contexts_; }
  const std::string& current() const { return current_; }

  /// Throws Error kUsage for a name that is not made of letters, digits, '-', '_' and '.', or is kLocalContext.
  void put(const std::string& name, ServerContext context);
  /// Throws Error kUsage for a name that is neither known nor kLocalContext.
  void use(const std::string& name);
  /// kLocalContext becomes the current one when it was that. Throws Error kUsage for a name that is not known.
  void remove(const std::string& name);
  /// Replaces the file at once, so that no reader finds half of it. Throws Error kUsage when it cannot be written.
  void save() const;

 private:
  std::filesystem::path file_;
  std::string current_ = kLocalContext;
  std::map<std::string, ServerContext> contexts_;
};

}  // namespace millrace::cli
