#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "cli/connection_service.hpp"
#include "cli/named_connections.hpp"
#include "cli/output.hpp"
#include "cli/pipeline_service.hpp"
#include "cli/server_choice.hpp"
#include "cli/signals.hpp"

namespace millrace::cli {

/// What the verbs share: where they work, how they answer, and what the chosen one does.
struct Context {
  const Signals& signals;
  std::string data_dir = {};
  bool data_dir_named = false;  ///< by --data-dir: the verb works there, whatever context is current
  ServerChoice server = {};
  Format format = Format::kTable;
  std::function<int()> action = {};  ///< set by the verb that was parsed

  /// The pipelines of the chosen server, or of the data directory. Throws as what makes them does.
  std::unique_ptr<PipelineService> pipelines() const;
  /// The saved connections there.
  std::unique_ptr<ConnectionService> connections() const;
  /// Nothing: the data directory is worked on. Throws as ServerChoice::chosen does.
  std::optional<ServerContext> chosen_server() const;
  /// Looks a connection up there; the place is opened with the first.
  FindConnection find_connection() const;
  /// For a verb that works on a data directory alone. Throws Error kUsage with `way_out` when a server is chosen.
  void require_local(const std::string& verb, const std::string& way_out) const;
};

/// Progress belongs on standard error, so that standard output holds the answer alone.
pipeline::Progress progress_on_stderr();

/// What was done, as a line; as JSON or YAML the document.
void answer(const Context& context, const std::string& line, const nlohmann::ordered_json& document);

}  // namespace millrace::cli
