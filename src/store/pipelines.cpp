#include "store/pipelines.hpp"

#include "security/secret_box.hpp"
#include "store/secrets.hpp"
#include "support/error.hpp"
#include "support/unix_time.hpp"

namespace millrace::store {
namespace {

constexpr const char* kSelect =
    "SELECT name, state, spec, resources, created_ms, updated_ms, revision FROM pipelines WHERE tenant = ?";

std::string object_of(const std::string& name) {
  return "pipeline/" + name;
}

PipelineRecord read(const Row& row) {
  return {row.text(0), row.text(1), row.text(2), row.text(3), {}, row.integer(4), row.integer(5), row.integer(6)};
}

std::vector<PipelineRecord> read_all(Session& session, const std::string& tenant, const Rows& rows) {
  std::vector<PipelineRecord> records;
  records.reserve(rows.size());
  Secrets secrets(session);
  for (const auto& row : rows) {
    records.push_back(read(row));
    auto& record = records.back();
    for (auto& secret : secrets.of_object(tenant, object_of(record.name))) {
      record.sealed_secrets[secret.field] = std::move(secret.sealed);
    }
  }
  return records;
}

void put_secrets(Session& session, const std::string& tenant, const std::string& name,
                 const std::map<std::string, std::string>& sealed_secrets, std::int64_t now_ms) {
  Secrets secrets(session);
  for (const auto& [field, sealed] : sealed_secrets) {
    secrets.put({tenant, object_of(name), field, sealed, security::SecretBox::key_id_of(sealed), now_ms});
  }
}

void require_found(std::int64_t rows, const std::string& name) {
  if (rows == 0) throw Error(ErrorCode::kPipelineNotFound, "There is no pipeline named " + name + ".");
}

}  // namespace

void Pipelines::insert(const PipelineRecord& record) {
  database_.write([&](Session& session) {
    const auto now = unix_ms();
    const auto added = session.execute(
        "INSERT INTO pipelines (tenant, name, state, spec, resources, created_ms, updated_ms) "
        "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        {tenant_, record.name, record.state, record.spec, record.resources, now, now});
    if (added == 0) {
      throw Error(ErrorCode::kPipelineExists, "A pipeline named " + record.name + " exists already.",
                  {.pipeline = record.name, .field = "name"});
    }
    put_secrets(session, tenant_, record.name, record.sealed_secrets, now);
  });
}

void Pipelines::update(const std::string& name, const std::string& state, const std::string& resources) {
  require_found(database_.write([&](Session& session) {
    return session.execute(
        "UPDATE pipelines SET state = ?, resources = ?, updated_ms = ?, revision = revision + 1 "
        "WHERE tenant = ? AND name = ?",
        {state, resources, unix_ms(), tenant_, name});
  }),
                name);
}

void Pipelines::note_resources(const std::string& name, const std::string& resources) {
  require_found(database_.write([&](Session& session) {
    return session.execute("UPDATE pipelines SET resources = ?, updated_ms = ? WHERE tenant = ? AND name = ?",
                           {resources, unix_ms(), tenant_, name});
  }),
                name);
}

void Pipelines::update_spec(const std::string& name, const std::string& spec,
                            const std::map<std::string, std::string>& sealed_secrets) {
  database_.write([&](Session& session) {
    const auto now = unix_ms();
    require_found(session.execute("UPDATE pipelines SET spec = ?, updated_ms = ?, revision = revision + 1 "
                                  "WHERE tenant = ? AND name = ?",
                                  {spec, now, tenant_, name}),
                  name);
    Secrets(session).remove_object(tenant_, object_of(name));
    put_secrets(session, tenant_, name, sealed_secrets, now);
  });
}

void Pipelines::remove(const std::string& name) {
  database_.write([&](Session& session) {
    session.execute("DELETE FROM pipelines WHERE tenant = ? AND name = ?", {tenant_, name});
    Secrets(session).remove_object(tenant_, object_of(name));
  });
}

std::optional<PipelineRecord> Pipelines::find(const std::string& name) {
  return database_.read([&](Session& session) -> std::optional<PipelineRecord> {
    auto found = read_all(session, tenant_, session.query(std::string(kSelect) + " AND name = ?", {tenant_, name}));
    if (found.empty()) return std::nullopt;
    return std::move(found.front());
  });
}

std::optional<std::int64_t> Pipelines::revision(const std::string& name) {
  return database_.read([&](Session& session) -> std::optional<std::int64_t> {
    const auto rows = session.query("SELECT revision FROM pipelines WHERE tenant = ? AND name = ?", {tenant_, name});
    if (rows.empty()) return std::nullopt;
    return rows.front().integer(0);
  });
}

std::vector<PipelineRecord> Pipelines::list() {
  return database_.read([&](Session& session) {
    return read_all(session, tenant_, session.query(std::string(kSelect) + " ORDER BY name", {tenant_}));
  });
}

PageOf<PipelineRecord> Pipelines::page(const PageRequest& request) {
  const std::string after = request.after.empty() ? "" : decode_cursor(request.after, 1).front();
  auto items = database_.read([&](Session& session) {
    return read_all(session, tenant_,
                    session.query(std::string(kSelect) + " AND name > ? ORDER BY name LIMIT ?",
                                  {tenant_, after, std::int64_t{page_size(request)} + 1}));
  });
  return cut_page(std::move(items), request, [](const auto& item) { return std::vector{item.name}; });
}

std::vector<Pipelines::Place> Pipelines::everywhere(Database& database) {
  return database.read([&](Session& session) {
    std::vector<Place> places;
    for (const auto& row : session.query("SELECT tenant, name, state, revision FROM pipelines ORDER BY tenant, name")) {
      places.push_back({row.text(0), row.text(1), row.text(2), row.integer(3)});
    }
    return places;
  });
}

}  // namespace millrace::store
