#include <algorithm>

#include "cli/answer_members.hpp"
#include "cli/answer_reading.hpp"
#include "cli/follow_operation.hpp"
#include "cli/pipeline_service.hpp"
#include "cli/server_client.hpp"
#include "cli/settings_document.hpp"
#include "pipeline/spec_json.hpp"
#include "security/random.hpp"
#include "server/api_json.hpp"
#include "server/conditional.hpp"
#include "support/error.hpp"
#include "support/retry.hpp"

namespace millrace::cli {
namespace {

using nlohmann::ordered_json;

/// The beginning of an operation is not broken off: without its id it could not be cancelled.
const std::stop_token kAtOnce;

std::string pipeline_place(const std::string& name, const std::string& part = {}) {
  return "/pipelines/" + url_part(name) + part;
}

std::string word(bool flag) {
  return flag ? "true" : "false";
}

ordered_json spec_body(const pipeline::PipelineSpec& spec) {
  auto document = settings_document(spec, true);
  const auto refer = [&](const char* side, const std::string& connection, const std::string& schema) {
    if (!connection.empty()) document[side] = {{"connection", connection}, {"schema", schema}};
  };
  refer("source", spec.source.connection, spec.source.schema);
  refer("target", spec.target.connection, spec.target.schema);
  return server::to_api(document);
}

/// Adds what another call changed.
void add(manager::TableChangeResult& all, const manager::TableChangeResult& more) {
  all.tables.insert(all.tables.end(), more.tables.begin(), more.tables.end());
  all.kept.insert(all.kept.end(), more.kept.begin(), more.kept.end());
  all.warnings.insert(all.warnings.end(), more.warnings.begin(), more.warnings.end());
}

std::vector<std::string> id_texts(const std::vector<std::int64_t>& ids) {
  std::vector<std::string> texts;
  for (const auto id : ids) texts.push_back(std::to_string(id));
  return texts;
}

class RemotePipelines : public PipelineService {
 public:
  explicit RemotePipelines(const ServerContext& server) : client_(server) {}

  manager::CreateResult create(const pipeline::PipelineSpec& spec, const pipeline::Progress& progress,
                               const std::stop_token& stop) override {
    return read_created(follow_operation(client_, begin_create(spec, stop), progress, stop));
  }
  ordered_json plan(const pipeline::PipelineSpec& spec, const std::stop_token& stop) override {
    return read_plan(client_.post("/pipelines:plan", spec_body(spec), stop));
  }

  std::vector<manager::PipelineSummary> list(const std::stop_token& stop) override {
    std::vector<manager::PipelineSummary> all;
    for (const auto& item : client_.list("/pipelines", 0, stop)) all.push_back(read_summary(item));
    return all;
  }
  pipeline::PipelineStatus status(const std::string& name, const std::stop_token& stop) override {
    return read_status(client_.get(pipeline_place(name, "/status"), stop));
  }
  PipelineSettings settings(const std::string& name, const std::stop_token& stop) override;
  std::vector<ordered_json> events(const EventFilter& filter, const std::stop_token& stop) override;

  void pause(const std::string& name, const std::stop_token& stop) override { control(name, "/pause", stop); }
  void resume(const std::string& name, const std::stop_token& stop) override { control(name, "/resume", stop); }
  void restart(const std::string& name, const std::stop_token& stop) override { control(name, "/restart", stop); }
  void set_passwords(const std::string& name, const Secret& source, const Secret& target,
                     const std::stop_token& stop) override {
    ordered_json patch = ordered_json::object();
    if (!source.empty()) patch["source"]["password"] = source.reveal();
    if (!target.empty()) patch["target"]["password"] = target.reveal();
    const auto etag = client_.send("GET", pipeline_place(name), nullptr, {}, stop).etag;
    client_.send("PATCH", pipeline_place(name), patch, {{"If-Match", etag}}, stop);
  }
  void change_settings(const std::string& name, const nlohmann::json& patch, std::int64_t revision,
                       const std::stop_token& stop) override {
    client_.send("PATCH", pipeline_place(name), server::to_api(ordered_json(patch)),
                 {{"If-Match", server::etag(revision)}}, stop);
  }

  manager::TableChangeResult add_tables(const std::string& name, const std::vector<std::string>& tables,
                                        const std::map<schema::TableName, schema::TableOptions>& mapping,
                                        const pipeline::Progress&, const std::stop_token& stop) override {
    pipeline::PipelineSpec described;
    described.mapping.tables = mapping;
    ordered_json body{{"tables", tables}};
    const auto options = pipeline::to_json(described, false).at("mapping");
    if (options.contains("tables")) body["mapping"]["tables"] = ordered_json(options.at("tables"));
    return read_table_change(client_.post(pipeline_place(name, "/tables"), server::to_api(body), stop));
  }
  manager::TableChangeResult remove_tables(const std::string& name, const std::vector<std::string>& tables,
                                           bool drop_tables, const pipeline::Progress&,
                                           const std::stop_token& stop) override {
    manager::TableChangeResult all;
    for (const auto& table : tables) {
      const auto path = pipeline_place(name, "/tables/" + url_part(table)) + "?dropTables=" + word(drop_tables);
      add(all, read_table_change(client_.send("DELETE", path, nullptr, {}, stop).body));
    }
    return all;
  }
  manager::TableChangeResult reload_table(const std::string& name, const std::string& table, const pipeline::Progress&,
                                          const std::stop_token& stop) override {
    return read_table_change(
        client_.post(pipeline_place(name, "/tables/" + url_part(table) + "/reload"), nullptr, stop));
  }

  std::string only_pipeline(const std::stop_token& stop) override;
  std::vector<replication::TableVerdict> verify(const std::string& name, const replication::VerifySettings& settings,
                                                const pipeline::Progress& progress,
                                                const std::stop_token& stop) override {
    const ordered_json body{
        {"tables", settings.tables}, {"repair", settings.repair}, {"maxReport", settings.max_report}};
    const auto operation = client_.post(pipeline_place(name, "/verify"), body, kAtOnce);
    return read_verdicts(follow_operation(client_, operation, progress, stop));
  }
  std::vector<replication::QuarantineEntry> quarantined(const std::string& name,
                                                        const replication::QuarantineFilter& filter,
                                                        const std::stop_token& stop) override;
  std::int64_t discard_quarantined(const std::string& name, const replication::QuarantineFilter& filter,
                                   const std::stop_token& stop) override;
  std::vector<replication::RetriedRow> retry_quarantined(const std::string& name,
                                                         const replication::QuarantineFilter& filter,
                                                         const pipeline::Progress& progress,
                                                         const std::stop_token& stop) override {
    if (filter.discarded) {
      throw Error(ErrorCode::kUsage, "Through a server discarded rows are not retried.", {.field = "discarded"})
          .suggest("millrace reload " + name + " TABLE loads their table anew.");
    }
    const ordered_json body{{"ids", id_texts(filter.ids)}, {"tables", filter.tables}};
    const auto operation = client_.post(pipeline_place(name, "/quarantine/retry"), body, kAtOnce);
    return read_retried(follow_operation(client_, operation, progress, stop));
  }

  manager::DeleteResult remove(const std::string& name, const manager::DeleteOptions& options,
                               const pipeline::Progress& progress, const std::stop_token& stop) override {
    const auto flags = "?dropTopics=" + word(options.drop_topics) + "&dropTables=" + word(options.drop_tables) +
                       "&force=" + word(options.force);
    const auto answer =
        client_.send("DELETE", pipeline_place(name) + flags, nullptr, {{"Prefer", "respond-async"}}, kAtOnce).body;
    // A server that does not know the wish has done it already.
    const bool done = AnswerMembers(answer).find("removed") != nullptr;
    return read_deleted(done ? answer : follow_operation(client_, answer, progress, stop));
  }

 private:
  ordered_json begin_create(const pipeline::PipelineSpec& spec, const std::stop_token& stop);
  void control(const std::string& name, const char* verb, const std::stop_token& stop) {
    client_.post(pipeline_place(name, verb), nullptr, stop);
  }

  ServerClient client_;
};

/// The key makes it one create, also when the answer to the first attempt was lost.
ordered_json RemotePipelines::begin_create(const pipeline::PipelineSpec& spec, const std::stop_token& stop) {
  constexpr int kAttempts = 3;
  constexpr Milliseconds kBetween{1000};
  const auto key = security::random_token().reveal();
  ClockPause pause;
  for (int attempt = 1;; ++attempt) {
    try {
      return client_
          .send("POST", "/pipelines", spec_body(spec), {{"Prefer", "respond-async"}, {"Idempotency-Key", key}}, kAtOnce)
          .body;
    } catch (const Error& error) {
      const bool lost =
          error.code() == ErrorCode::kServerUnreachable || error.code() == ErrorCode::kIdempotencyInFlight;
      if (!lost || attempt == kAttempts || !pause.wait(kBetween, stop)) throw;
    }
  }
}

PipelineSettings RemotePipelines::settings(const std::string& name, const std::stop_token& stop) {
  const auto pipeline = client_.get(pipeline_place(name), stop);
  const auto configs = client_.get(pipeline_place(name, "/configs"), stop);
  const AnswerMembers members(pipeline);
  PipelineSettings settings{.spec = pipeline::spec_from_json(server::from_api(nlohmann::json(configs.at("spec")))),
                            .state = members.text("state"),
                            .revision = members.count("revision").value_or(0)};
  settings.spec.name = members.text("name");
  settings.spec.tables.clear();
  for (const auto& table : members.list("tables")) {
    settings.spec.tables.push_back(AnswerMembers(table).text("source"));
  }
  return settings;
}

std::vector<ordered_json> RemotePipelines::events(const EventFilter& filter, const std::stop_token& stop) {
  std::string query = "/events";
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) query += (query.find('?') == std::string::npos ? "?" : "&") + (name + url_part(value));
  };
  add("pipeline=", filter.pipeline);
  add("kind=", filter.kind);
  add("severity=", filter.severity);
  std::vector<ordered_json> all;
  for (auto event : client_.list(query, filter.most, stop)) {
    event.erase("id");
    all.push_back(std::move(event));
  }
  return all;
}

std::string RemotePipelines::only_pipeline(const std::stop_token& stop) {
  std::vector<std::string> names;
  for (const auto& summary : list(stop)) {
    if (summary.engine == "embedded") names.push_back(summary.name);
  }
  if (names.size() == 1) return names.front();
  Error error(ErrorCode::kUsage,
              names.empty() ? "There is no pipeline of the embedded engine." : "There is more than one pipeline.",
              {.field = "pipeline"});
  for (const auto& name : names) error.note(name);
  throw error.suggest(names.empty() ? "`millrace create --help` shows how to make one."
                                    : "Name the one that is meant.");
}

std::vector<replication::QuarantineEntry> RemotePipelines::quarantined(const std::string& name,
                                                                       const replication::QuarantineFilter& filter,
                                                                       const std::stop_token& stop) {
  std::vector<replication::QuarantineEntry> entries;
  const auto wanted = [&](const replication::QuarantineEntry& entry) {
    return filter.ids.empty() || std::find(filter.ids.begin(), filter.ids.end(), entry.id) != filter.ids.end();
  };
  // The API lists one table, or all.
  auto tables = filter.tables;
  if (tables.empty()) tables.emplace_back();
  for (const auto& table : tables) {
    const auto path = pipeline_place(name, "/quarantine") + "?discarded=" + word(filter.discarded) +
                      (table.empty() ? "" : "&table=" + url_part(table));
    for (const auto& item : client_.list(path, static_cast<std::size_t>(filter.most), stop)) {
      auto entry = read_quarantined(item);
      if (wanted(entry)) entries.push_back(std::move(entry));
    }
  }
  std::sort(entries.begin(), entries.end(), [](const auto& left, const auto& right) { return left.id < right.id; });
  const auto same = [](const auto& left, const auto& right) { return left.id == right.id; };
  entries.erase(std::unique(entries.begin(), entries.end(), same), entries.end());
  if (filter.most > 0 && entries.size() > static_cast<std::size_t>(filter.most)) {
    entries.resize(static_cast<std::size_t>(filter.most));
  }
  return entries;
}

std::int64_t RemotePipelines::discard_quarantined(const std::string& name, const replication::QuarantineFilter& filter,
                                                  const std::stop_token& stop) {
  auto ids = filter.ids;
  if (ids.empty() && filter.tables.empty()) {
    // The API wants to hear which: those that are there now.
    for (const auto& entry : quarantined(name, {}, stop)) ids.push_back(entry.id);
    if (ids.empty()) return 0;
  }
  const ordered_json body{{"ids", id_texts(ids)}, {"tables", filter.tables}};
  return AnswerMembers(client_.post(pipeline_place(name, "/quarantine/discard"), body, stop))
      .count("discarded")
      .value_or(0);
}

}  // namespace

std::unique_ptr<PipelineService> remote_pipelines(const ServerContext& server) {
  return std::make_unique<RemotePipelines>(server);
}

}  // namespace millrace::cli
