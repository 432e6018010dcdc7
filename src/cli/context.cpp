#include "cli/context.hpp"

#include <iostream>
#include <nlohmann/json.hpp>

#include "support/error.hpp"

namespace millrace::cli {

std::unique_ptr<PipelineService> Context::pipelines() const {
  const auto chosen = chosen_server();
  return chosen ? remote_pipelines(*chosen) : local_pipelines(data_dir);
}

std::unique_ptr<ConnectionService> Context::connections() const {
  const auto chosen = chosen_server();
  return chosen ? remote_connections(*chosen) : local_connections(data_dir);
}

std::optional<ServerContext> Context::chosen_server() const {
  return data_dir_named ? std::nullopt : server.chosen();
}

FindConnection Context::find_connection() const {
  return [this, service = std::shared_ptr<ConnectionService>()](const std::string& name) mutable {
    if (!service) service = connections();
    return service->get(name, signals.token());
  };
}

void Context::require_local(const std::string& verb, const std::string& way_out) const {
  if (data_dir_named || server.context_name() == kLocalContext) return;
  throw Error(ErrorCode::kUsage, "`millrace " + verb + "` works on a data directory, not through a server.",
              {.field = "server"})
      .suggest(way_out + " With --data-dir, or --context local, it works on this machine's own.");
}

pipeline::Progress progress_on_stderr() {
  return [](const std::string& line) { std::cerr << "  " << line << std::endl; };
}

void answer(const Context& context, const std::string& line, const nlohmann::ordered_json& document) {
  if (context.format == Format::kTable) {
    std::cout << line << '\n';
  } else {
    print_value(std::cout, context.format, document);
  }
}

}  // namespace millrace::cli
