#include "cli/connection_service.hpp"
#include "manager/connection_book.hpp"
#include "pipeline/side_json.hpp"
#include "preflight/connection_report.hpp"
#include "server/connection_report_json.hpp"
#include "server/saved_connection_json.hpp"
#include "support/error.hpp"

namespace millrace::cli {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

ordered_json shown(const manager::SavedConnection& saved) {
  return server::saved_connection_json(saved, /*with_pipelines=*/true);
}

ordered_json applied_json(const manager::AppliedChange& one) {
  return {{"pipeline", one.pipeline},
          {"ok", !one.error},
          {"code", one.error ? std::string(one.error->info().id) : ""},
          {"message", one.error ? one.error->message() : ""}};
}

class LocalConnections : public ConnectionService {
 public:
  explicit LocalConnections(const std::string& data_dir) : book_(manager::open_workspace(data_dir)) {}

  std::vector<ordered_json> list(const std::string& kind, const std::stop_token&) override {
    std::vector<ordered_json> all;
    store::PageRequest request;
    do {
      const auto page = book_.list(request, kind);
      for (const auto& saved : page.items) all.push_back(shown(saved));
      request.after = page.next;
    } while (!request.after.empty());
    return all;
  }
  ordered_json get(const std::string& name, const std::stop_token&) override { return shown(book_.get(name)); }
  ordered_json create(const std::string& name, const std::string& kind, const json& endpoint,
                      const std::stop_token&) override {
    return shown(book_.create(name, kind, endpoint));
  }
  ordered_json change(const std::string& name, const ConnectionChange& change, const std::stop_token& stop) override {
    const auto changed = book_.update(
        name, {.name = change.name, .endpoint = change.endpoint.empty() ? "" : change.endpoint.dump()}, {}, stop);
    auto document = shown(changed.connection);
    document["applied"] = ordered_json::array();
    for (const auto& one : changed.applied) document["applied"].push_back(applied_json(one));
    return document;
  }
  ordered_json test(const std::string& name, const std::stop_token&) override {
    const auto saved = book_.get(name);
    const auto document = book_.resolved({{saved.kind, {{"connection", saved.id}}}});
    const auto spec = pipeline::side_from_json(saved.kind, document.at(saved.kind), "connection");
    const preflight::ReportOptions options{.foreign_words = true};
    const auto report = saved.kind == "source" ? preflight::report_source(spec.source, options)
                                               : preflight::report_target(spec.target, options);
    book_.note_test(saved.id, report.ok());
    return server::connection_report_json(saved.kind, report);
  }
  void remove(const std::string& name, const std::stop_token&) override { book_.remove(name); }

 private:
  manager::ConnectionBook book_;
};

}  // namespace

std::unique_ptr<ConnectionService> local_connections(const std::string& data_dir) {
  return std::make_unique<LocalConnections>(data_dir);
}

}  // namespace millrace::cli
