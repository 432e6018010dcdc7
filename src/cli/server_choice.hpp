#pragma once

#include <optional>
#include <string>

#include "cli/server_contexts.hpp"

namespace CLI {
class App;
}

namespace millrace::cli {

/// Where a verb works: the options --server, --context, --token-file, --ca-file and --insecure-http, in that order over
/// MILLRACE_SERVER, MILLRACE_CONTEXT and MILLRACE_TOKEN, and these over the current context of the file. None: the data
/// directory.
class ServerChoice {
 public:
  void add_options(CLI::App& app);

  /// Throws Error kUsage, and kSecretMissing when there is a server and no key for it.
  std::optional<ServerContext> chosen() const;
  /// Whether an option names a server.
  bool given() const { return !server_.empty() || (!context_.empty() && context_ != kLocalContext); }
  /// The name of the context that is meant, whatever says so; empty for a server that is named by its URL.
  std::string context_name() const;

  /// What --ca-file and --insecure-http say of a server that is signed in to.
  ServerContext to(const std::string& url) const;
  const std::string& token_file() const { return token_file_; }

 private:
  std::string server_;
  std::string context_;
  std::string token_file_;
  std::string ca_file_;
  bool insecure_http_ = false;
};

}  // namespace millrace::cli
