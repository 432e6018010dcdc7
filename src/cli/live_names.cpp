#include "cli/live_names.hpp"

#include <filesystem>
#include <thread>

#include "manager/workspace.hpp"
#include "support/retry.hpp"

namespace millrace::cli {
namespace {

using Names = std::vector<std::string>;

constexpr Milliseconds kPatienceOfShell{2000};

/// Asks to stop after a while.
class Deadline {
 public:
  Deadline()
      : watcher_([this](const std::stop_token& ended) {
          if (pause_.wait(kPatienceOfShell, ended)) source_.request_stop();
        }) {}
  std::stop_token token() const { return source_.get_token(); }

 private:
  ClockPause pause_;
  std::stop_source source_;
  std::jthread watcher_;
};

/// What `ask` finds; nothing where nobody has made a place, or it does not answer soon.
template <typename Ask>
Names reachable(const Context& context, const Ask& ask) {
  try {
    const bool local = context.data_dir_named || context.server.context_name() == kLocalContext;
    // To open a data directory would make it.
    if (local && !std::filesystem::exists(std::filesystem::path(context.data_dir) / manager::kStoreFile)) return {};
    const Deadline deadline;
    return ask(deadline.token());
  } catch (const std::exception&) {
    return {};
  }
}

template <typename Ask>
Names asked(const Context& context, const Ask& ask) {
  return reachable(context, [&](const std::stop_token& stop) { return ask(*context.pipelines(), stop); });
}

}  // namespace

LiveNames live_names(const Context& context) {
  LiveNames names;
  names.pipelines = [&context] {
    return asked(context, [](PipelineService& pipelines, const std::stop_token& stop) {
      Names found;
      for (const auto& summary : pipelines.list(stop)) found.push_back(summary.name);
      return found;
    });
  };
  names.tables = [&context](const std::string& pipeline) {
    return asked(context, [&](PipelineService& pipelines, const std::stop_token& stop) {
      Names found;
      for (const auto& summary : pipelines.list(stop)) {
        if (summary.name == pipeline) found = summary.tables;
      }
      return found;
    });
  };
  names.connections = [&context] {
    return reachable(context, [&](const std::stop_token& stop) {
      Names found;
      for (const auto& connection : context.connections()->list("", stop)) found.push_back(connection.at("name"));
      return found;
    });
  };
  names.contexts = [] {
    Names found{kLocalContext};
    try {
      const ServerContexts contexts;
      for (const auto& [name, known] : contexts.all()) found.push_back(name);
    } catch (const std::exception&) {
      // A file that is no such file names none.
    }
    return found;
  };
  return names;
}

}  // namespace millrace::cli
