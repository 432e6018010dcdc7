#include "cli/pipeline_service.hpp"
#include "manager/connection_book.hpp"
#include "manager/registry.hpp"
#include "pipeline/answers_json.hpp"
#include "server/api_json.hpp"
#include "store/events.hpp"

namespace millrace::cli {
namespace {

using nlohmann::ordered_json;

ordered_json event_json(const store::EventRecord& event) {
  ordered_json document{{"time", server::rfc3339(event.time_ms)},
                        {"kind", event.kind},
                        {"severity", event.severity},
                        {"pipeline", event.pipeline},
                        {"actor", event.actor},
                        {"message", event.message}};
  const auto details = nlohmann::json::parse(event.details, nullptr, false);
  for (const char* name : {"table", "lsn", "code", "cause", "operation"}) {
    document[name] = details.is_object() ? details.value(name, "") : "";
  }
  return document;
}

class LocalPipelines : public PipelineService {
 public:
  explicit LocalPipelines(const std::string& data_dir)
      : workspace_(manager::open_workspace(data_dir)), manager_(workspace_) {}

  manager::CreateResult create(const pipeline::PipelineSpec& spec, const pipeline::Progress& progress,
                               const std::stop_token& stop) override {
    return manager_.create_pipeline(with_passwords(spec), progress, stop);
  }
  ordered_json plan(const pipeline::PipelineSpec& spec, const std::stop_token& stop) override {
    return pipeline::plan_json(manager_.plan(with_passwords(spec), stop));
  }
  std::vector<manager::PipelineSummary> list(const std::stop_token&) override { return manager_.list(); }
  pipeline::PipelineStatus status(const std::string& name, const std::stop_token& stop) override {
    return manager_.status(name, stop);
  }
  PipelineSettings settings(const std::string& name, const std::stop_token&) override;
  std::vector<ordered_json> events(const EventFilter& filter, const std::stop_token&) override;

  void pause(const std::string& name, const std::stop_token& stop) override { manager_.pause(name, stop); }
  void resume(const std::string& name, const std::stop_token& stop) override { manager_.resume(name, stop); }
  void restart(const std::string& name, const std::stop_token& stop) override { manager_.restart(name, stop); }
  void set_passwords(const std::string& name, const Secret& source, const Secret& target,
                     const std::stop_token& stop) override {
    manager_.set_passwords(name, source, target, stop);
  }
  void change_settings(const std::string& name, const nlohmann::json& patch, std::int64_t revision,
                       const std::stop_token& stop) override {
    manager_.change_settings(name, patch, revision, stop);
  }
  manager::TableChangeResult add_tables(const std::string& name, const std::vector<std::string>& tables,
                                        const std::map<schema::TableName, schema::TableOptions>& mapping,
                                        const pipeline::Progress& progress, const std::stop_token& stop) override {
    return manager_.add_tables(name, tables, mapping, progress, stop);
  }
  manager::TableChangeResult remove_tables(const std::string& name, const std::vector<std::string>& tables,
                                           bool drop_tables, const pipeline::Progress& progress,
                                           const std::stop_token& stop) override {
    return manager_.remove_tables(name, tables, drop_tables, progress, stop);
  }
  manager::TableChangeResult reload_table(const std::string& name, const std::string& table,
                                          const pipeline::Progress& progress, const std::stop_token& stop) override {
    return manager_.reload_table(name, table, progress, stop);
  }
  std::string only_pipeline(const std::stop_token&) override { return manager_.only_runnable(); }
  std::vector<replication::TableVerdict> verify(const std::string& name, const replication::VerifySettings& settings,
                                                const pipeline::Progress& progress,
                                                const std::stop_token& stop) override {
    return manager_.verify(name, settings, progress, stop);
  }
  std::vector<replication::QuarantineEntry> quarantined(const std::string& name,
                                                        const replication::QuarantineFilter& filter,
                                                        const std::stop_token&) override {
    return manager_.quarantined(name, filter);
  }
  std::int64_t discard_quarantined(const std::string& name, const replication::QuarantineFilter& filter,
                                   const std::stop_token&) override {
    return manager_.discard_quarantined(name, filter);
  }
  std::vector<replication::RetriedRow> retry_quarantined(const std::string& name,
                                                         const replication::QuarantineFilter& filter,
                                                         const pipeline::Progress& progress,
                                                         const std::stop_token& stop) override {
    return manager_.retry_quarantined(name, filter, progress, stop);
  }
  manager::DeleteResult remove(const std::string& name, const manager::DeleteOptions& options,
                               const pipeline::Progress& progress, const std::stop_token& stop) override {
    return manager_.delete_pipeline(name, options, progress, stop);
  }

 private:
  pipeline::PipelineSpec with_passwords(pipeline::PipelineSpec spec);

  manager::Workspace workspace_;
  manager::CdcManager manager_;
};

/// Those of saved connections, which nobody is asked for.
pipeline::PipelineSpec LocalPipelines::with_passwords(pipeline::PipelineSpec spec) {
  nlohmann::json sides = nlohmann::json::object();
  if (!spec.source.connection.empty()) sides["source"] = {{"connection", spec.source.connection}};
  if (!spec.target.connection.empty()) sides["target"] = {{"connection", spec.target.connection}};
  if (sides.empty()) return spec;
  const auto whole = manager::ConnectionBook(workspace_).resolved(std::move(sides));
  if (const auto found = whole.find("source"); found != whole.end()) {
    spec.source.password = Secret(found->value("password", ""));
  }
  if (const auto found = whole.find("target"); found != whole.end()) {
    spec.target.password = Secret(found->value("password", ""));
  }
  return spec;
}

PipelineSettings LocalPipelines::settings(const std::string& name, const std::stop_token&) {
  const auto stored = manager::Registry(workspace_).load(name);
  PipelineSettings settings{.spec = stored.spec, .state = stored.state, .revision = stored.revision};
  settings.spec.name = stored.name;
  settings.spec.tables.clear();
  for (const auto& route : stored.resources.routes) settings.spec.tables.push_back(route.source.to_string());
  return settings;
}

std::vector<ordered_json> LocalPipelines::events(const EventFilter& filter, const std::stop_token&) {
  constexpr int kPage = 1000;
  std::vector<ordered_json> all;
  store::PageRequest request{.size = kPage};
  do {
    const auto page = workspace_.database->read([&](store::Session& session) {
      return store::Events(session).list(
          workspace_.tenant, {.pipeline = filter.pipeline, .kind = filter.kind, .severity = filter.severity}, request);
    });
    for (const auto& event : page.items) {
      if (filter.most > 0 && all.size() == filter.most) return all;
      all.push_back(event_json(event));
    }
    request.after = page.next;
  } while (!request.after.empty());
  return all;
}

}  // namespace

std::unique_ptr<PipelineService> local_pipelines(const std::string& data_dir) {
  return std::make_unique<LocalPipelines>(data_dir);
}

}  // namespace millrace::cli
