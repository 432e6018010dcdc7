#include "manager/connection_book.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "manager/cdc_manager.hpp"
#include "manager/change_settings.hpp"
#include "manager/entry.hpp"
#include "manager/plan_pipeline.hpp"
#include "manager/registry.hpp"
#include "pipeline/side_json.hpp"
#include "pipeline/spec_json.hpp"
#include "postgres/connection.hpp"
#include "security/random.hpp"
#include "sqlserver/session.hpp"
#include "store/outcome.hpp"
#include "store/secrets.hpp"
#include "support/error.hpp"
#include "support/failpoint.hpp"
#include "support/unix_time.hpp"

namespace millrace::manager {
namespace {

using nlohmann::json;
using pipeline::PipelineSpec;

constexpr const char* kEndpoint = "endpoint";
constexpr std::size_t kLongestName = 100;

void check_name(const std::string& name) {
  const auto fits = [](unsigned char c) { return c >= ' ' && c != 0x7F && c != '/'; };
  if (!name.empty() && name.size() <= kLongestName && name.front() != ' ' && name.back() != ' ' &&
      std::all_of(name.begin(), name.end(), fits)) {
    return;
  }
  throw Error(ErrorCode::kUsage,
              "A connection's name is 1 to 100 bytes, without control characters, '/', or spaces around it.",
              {.field = "name"});
}

PipelineSpec read_endpoint(const std::string& kind, const json& endpoint) {
  if (endpoint.is_object() && endpoint.contains("connection")) {
    throw Error(ErrorCode::kUsage, "A saved connection does not come from another.", {.field = "endpoint.connection"});
  }
  auto spec = pipeline::side_from_json(kind, endpoint, kEndpoint);
  pipeline::require_reachable(spec, kind, kEndpoint);
  return spec;
}

json side_json(const PipelineSpec& spec, const std::string& kind, bool with_password) {
  return pipeline::to_json(spec, with_password).at(kind);
}

Secret& password_in(PipelineSpec& spec, const std::string& kind) {
  return kind == "source" ? spec.source.password : spec.target.password;
}

json read_patch(const std::string& text) {
  auto patch = text.empty() ? json::object() : json::parse(text, nullptr, false);
  if (!patch.is_object()) throw Error(ErrorCode::kUsage, "endpoint must be a mapping.", {.field = kEndpoint});
  for (const auto& [name, value] : patch.items()) {
    const auto field = std::string("endpoint.") + name;
    if (value.is_null()) throw Error(ErrorCode::kUsage, field + " cannot be taken away.", {.field = field});
    if (name == "password" && value == "") {
      throw Error(ErrorCode::kUsage, field + " is empty: leave it out to keep what is stored.", {.field = field});
    }
    if (name == "url") throw Error(ErrorCode::kUsage, "A change names its members one by one.", {.field = field});
  }
  return patch;
}

void try_entry(const PipelineSpec& spec, const std::string& kind) {
  if (kind == "source") {
    const postgres::Connection proof(spec.source);
  } else {
    const sqlserver::Session proof(spec.target);
  }
}

void confine(const PipelineSpec& before, PipelineSpec& after, const std::string& kind,
             const std::filesystem::path& folder) {
  try {
    confine_change(before, after, folder);
  } catch (const Error& error) {
    throw pipeline::renamed(error, kind, kEndpoint);
  }
}

void require_password(const PipelineSpec& before, const PipelineSpec& after) {
  const bool same = same_way(before.source, after.source) && same_way(before.target, after.target) &&
                    before.source.user == after.source.user && before.target.user == after.target.user;
  if (same) return;
  throw Error(ErrorCode::kSecretMissing, "The way to the server changes, so its password is asked for again.",
              {.field = "endpoint.password"})
      .suggest("Send endpoint.password together with the change.");
}

/// Whether a pipeline that carries data comes from the connection and has another entry than it.
bool is_behind(const StoredPipeline& stored, const SavedConnection& saved) {
  if (stored.state != "active" && stored.state != "paused") return false;
  const auto& spec = stored.spec;
  return (spec.source.connection == saved.id && !same_entry(spec.source, saved.spec.source)) ||
         (spec.target.connection == saved.id && !same_entry(spec.target, saved.spec.target));
}

}  // namespace

security::SecretPlace ConnectionBook::place(const std::string& id) const {
  return {workspace_.tenant, "connection/" + id, "password"};
}

store::ConnectionRecord ConnectionBook::require(const std::string& id_or_name, const std::string& field) {
  auto found = workspace_.database->read([&](store::Session& session) {
    store::Connections connections(session);
    auto record = connections.find(workspace_.tenant, id_or_name);
    return record ? record : connections.find_by_name(workspace_.tenant, id_or_name);
  });
  if (!found) throw Error(ErrorCode::kObjectNotFound, "There is no such connection.", {.field = field});
  return std::move(*found);
}

std::optional<Secret> ConnectionBook::password_of(const std::string& id) {
  const auto at = place(id);
  const auto sealed = workspace_.database->read(
      [&](store::Session& session) { return store::Secrets(session).find(at.tenant, at.object, at.field); });
  if (!sealed) return std::nullopt;
  return workspace_.box->open(sealed->sealed, at);
}

SavedConnection ConnectionBook::decode(const store::ConnectionRecord& record, bool password_set,
                                       std::vector<std::string> used_by) const {
  const auto settings = json::parse(record.settings, nullptr, false);
  if (settings.is_discarded()) throw Error(ErrorCode::kStore, "The stored connection's settings are not JSON.");
  return {.id = record.id,
          .name = record.name,
          .kind = record.kind,
          .spec = pipeline::side_from_json(record.kind, settings, kEndpoint),
          .password_set = password_set,
          .used_by = std::move(used_by),
          .last_test = record.last_test,
          .created_ms = record.created_ms,
          .updated_ms = record.updated_ms,
          .revision = record.revision};
}

SavedConnection ConnectionBook::create(const std::string& name, const std::string& kind, const json& endpoint) {
  check_name(name);
  auto spec = read_endpoint(pipeline::require_side(kind, "kind"), endpoint);
  if (workspace_.certificates) confine({}, spec, kind, *workspace_.certificates);
  store::ConnectionRecord record{.id = security::new_id(),
                                 .tenant = workspace_.tenant,
                                 .name = name,
                                 .kind = kind,
                                 .settings = side_json(spec, kind, false).dump(),
                                 .created_ms = unix_ms()};
  record.updated_ms = record.created_ms;
  const auto& password = password_in(spec, kind);
  const auto at = place(record.id);
  const auto sealed = password.empty() ? std::string() : workspace_.box->seal(password, at);
  workspace_.database->write([&](store::Session& session) {
    store::Connections(session).insert(record);
    if (sealed.empty()) return;
    store::Secrets(session).put(
        {at.tenant, at.object, at.field, sealed, security::SecretBox::key_id_of(sealed), record.created_ms});
  });
  return decode(record, !sealed.empty(), {});
}

SavedConnection ConnectionBook::get(const std::string& id_or_name) {
  const auto record = require(id_or_name);
  return workspace_.database->read([&](store::Session& session) {
    const auto at = place(record.id);
    return decode(record, store::Secrets(session).find(at.tenant, at.object, at.field).has_value(),
                  store::Connections(session).used_by(workspace_.tenant, record.id));
  });
}

store::PageOf<SavedConnection> ConnectionBook::list(const store::PageRequest& request, const std::string& kind) {
  return workspace_.database->read([&](store::Session& session) {
    store::Connections connections(session);
    const auto records = connections.list(workspace_.tenant, request, kind);
    auto users = connections.used_by(workspace_.tenant);
    store::PageOf<SavedConnection> page{{}, records.next};
    for (const auto& record : records.items) {
      const auto at = place(record.id);
      page.items.push_back(decode(record, store::Secrets(session).find(at.tenant, at.object, at.field).has_value(),
                                  std::move(users[record.id])));
    }
    return page;
  });
}

ChangedConnection ConnectionBook::update(const std::string& id_or_name, const Change& change,
                                         std::optional<std::int64_t> revision, const std::stop_token& stop) {
  auto record = require(id_or_name);
  store::require_revision(record.revision, revision, "connection");
  if (change.name) {
    check_name(*change.name);
    record.name = *change.name;
  }
  const auto patch = read_patch(change.endpoint);
  const auto& kind = record.kind;
  auto before = get(record.id);
  auto document = side_json(before.spec, kind, false);
  document.merge_patch(patch);
  auto after = read_endpoint(kind, document);
  if (workspace_.certificates) confine(before.spec, after, kind, *workspace_.certificates);
  const bool new_password = patch.contains("password");
  if (!new_password) require_password(before.spec, after);
  const bool another_database =
      before.spec.source.database != after.source.database || before.spec.target.database != after.target.database;
  if (another_database && !before.used_by.empty()) {
    Error error(ErrorCode::kObjectInUse, "The database cannot change while pipelines use the connection.",
                {.field = "endpoint.database"});
    for (const auto& name : before.used_by) error.note(name);
    throw error.suggest("Save another connection for the other database.");
  }
  if (new_password && !before.used_by.empty()) {
    after.source.guard = after.target.guard = workspace_.guard;
    try_entry(after, kind);
  }
  record.settings = side_json(after, kind, false).dump();
  record.updated_ms = unix_ms();
  const auto at = place(record.id);
  const auto& password = password_in(after, kind);
  const auto sealed = new_password ? workspace_.box->seal(password, at) : std::string();
  workspace_.database->write([&](store::Session& session) {
    store::Connections(session).update(record, before.revision);
    if (sealed.empty()) return;
    store::Secrets(session).put(
        {at.tenant, at.object, at.field, sealed, security::SecretBox::key_id_of(sealed), record.updated_ms});
  });
  hit(Failpoint::kConnectionStored);
  ChangedConnection changed{.connection = get(record.id), .applied = {}};
  if (!new_password) return changed;
  auto with_password = changed.connection;
  password_in(with_password.spec, kind) = password;
  changed.applied = apply(with_password, stop);
  return changed;
}

std::vector<AppliedChange> ConnectionBook::apply(const SavedConnection& changed, const std::stop_token& stop) {
  std::vector<AppliedChange> applied;
  CdcManager pipelines(workspace_);
  for (const auto& name : changed.used_by) {
    AppliedChange one{.pipeline = name, .error = {}};
    try {
      pipelines.follow_connection(name, changed.id, changed.spec, stop);
    } catch (const Error& error) {
      one.error = error;
    }
    applied.push_back(std::move(one));
  }
  return applied;
}

std::vector<AppliedChange> ConnectionBook::bring_in_line(const std::stop_token& stop) {
  const auto users = workspace_.database->read(
      [&](store::Session& session) { return store::Connections(session).used_by(workspace_.tenant); });
  Registry registry(workspace_);
  std::vector<AppliedChange> applied;
  for (const auto& [id, names] : users) {
    for (const auto& name : names) {
      check_stop(stop);
      try {
        // Read anew for each: it may be changed meanwhile, and what is handed on must not be the older one.
        auto saved = get(id);
        if (auto password = password_of(id)) password_in(saved.spec, saved.kind) = std::move(*password);
        if (!is_behind(registry.load(name), saved)) continue;
        saved.used_by = {name};
        for (auto& one : apply(saved, stop)) applied.push_back(std::move(one));
      } catch (const Error& error) {
        if (error.code() == ErrorCode::kInterrupted) throw;
        if (error.code() == ErrorCode::kPipelineNotFound || error.code() == ErrorCode::kObjectNotFound) continue;
        applied.push_back({name, error});
      }
    }
  }
  return applied;
}

void ConnectionBook::remove(const std::string& id_or_name, std::optional<std::int64_t> revision) {
  const auto id = require(id_or_name).id;
  workspace_.database->write(
      [&](store::Session& session) { store::Connections(session).remove(workspace_.tenant, id, revision); });
}

void ConnectionBook::note_test(const std::string& id, bool ok) {
  const auto outcome = json{{"ok", ok}, {"at", unix_ms()}}.dump();
  workspace_.database->write(
      [&](store::Session& session) { store::Connections(session).note_test(workspace_.tenant, id, outcome); });
}

json ConnectionBook::resolved(json document) {
  for (const std::string side : {"source", "target"}) {
    const auto found = document.find(side);
    if (found == document.end() || !found->is_object() || !found->contains("connection")) continue;
    const auto field = side + ".connection";
    const auto& word = found->at("connection");
    if (!word.is_string()) throw Error(ErrorCode::kUsage, field + " must be a text.", {.field = field});
    for (const auto& [name, value] : found->items()) {
      if (name == "connection" || name == "schema") continue;
      throw Error(ErrorCode::kUsage, side + "." + name + " comes with the saved connection.",
                  {.field = side + "." + name});
    }
    const auto record = require(word.get<std::string>(), field);
    if (record.kind != side) {
      throw Error(ErrorCode::kUsage, "The connection " + record.name + " is a " + record.kind + "'s.",
                  {.field = field});
    }
    auto whole = json::parse(record.settings);
    whole["connection"] = record.id;
    if (const auto schema = found->find("schema"); schema != found->end()) whole["schema"] = *schema;
    if (const auto password = password_of(record.id)) whole["password"] = password->reveal();
    *found = std::move(whole);
  }
  return document;
}

}  // namespace millrace::manager
