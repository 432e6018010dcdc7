#include "store/pipelines.hpp"

#include "security/secret_box.hpp"
#include "store/secrets.hpp"
#include "support/error.hpp"
#include "support/unix_time.hpp"

namespace millrace::store {
namespace {

constexpr const char* kSelectPipeline =
    "SELECT name, state, spec, resources, created_ms, updated_ms, revision FROM pipelines WHERE tenant = ?";

std::string object_of(const std::string& name) {
  return "pipeline/" + name;
}

PipelineRecord read_pipeline(const Row& row) {
  return {.name = row.text(0),
          .state = row.text(1),
          .spec = row.text(2),
          .resources = row.text(3),
          .sealed_secrets = {},
          .created_ms = row.integer(4),
          .updated_ms = row.integer(5),
          .revision = row.integer(6)};
}

std::vector<PipelineRecord> read_pipelines(Session& session, const std::string& tenant, const Rows& rows) {
  std::vector<PipelineRecord> records;
  records.reserve(rows.size());
  Secrets secrets(session);
  for (const auto& row : rows) {
    records.push_back(read_pipeline(row));
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

void put_connections(Session& session, const std::string& tenant, const PipelineRecord& record) {
  for (const auto& [side, connection] : record.connections) {
    try {
      session.execute("INSERT INTO pipeline_connections (tenant, pipeline, side, connection) VALUES (?, ?, ?, ?)",
                      {tenant, record.name, side, connection});
    } catch (const ReferenceViolation&) {
      throw Error(ErrorCode::kObjectNotFound, "There is no such connection.", {.field = side + ".connection"});
    }
  }
}

/// Within the transaction that changes the row.
void require_revision(Session& session, const std::string& tenant, const std::string& name, std::int64_t expected) {
  const auto rows =
      session.query("SELECT revision FROM pipelines WHERE tenant = ? AND name = ?" + std::string(session.for_update()),
                    {tenant, name});
  if (rows.empty() || rows.front().integer(0) == expected) return;
  throw Error(ErrorCode::kObjectChanged, "The pipeline " + name + " was changed meanwhile.", {.pipeline = name});
}

/// The pattern of LIKE for names that hold the text; names are upper case.
std::string like_pattern(const std::string& part) {
  std::string pattern = "%";
  for (const char c : part) {
    if (c == '%' || c == '_' || c == '\\') pattern += '\\';
    pattern += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return pattern + "%";
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
    put_connections(session, tenant_, record);
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

void Pipelines::change(const std::string& name, const std::function<void(Life&)>& change, bool noted) {
  require_found(database_.write([&](Session& session) -> std::int64_t {
    const auto rows = session.query(
        "SELECT state, resources FROM pipelines WHERE tenant = ? AND name = ?" + std::string(session.for_update()),
        {tenant_, name});
    if (rows.empty()) return 0;
    Life life{rows.front().text(0), rows.front().text(1)};
    change(life);
    return session.execute(
        "UPDATE pipelines SET state = ?, resources = ?, updated_ms = ?, revision = revision + ? WHERE tenant = ? AND "
        "name = ?",
        {life.state, life.resources, unix_ms(), std::int64_t{noted ? 0 : 1}, tenant_, name});
  }),
                name);
}

void Pipelines::update_spec(const std::string& name, const std::string& spec,
                            const std::map<std::string, std::string>& sealed_secrets,
                            std::optional<std::int64_t> expected, const std::optional<std::string>& resources) {
  database_.write([&](Session& session) {
    const auto now = unix_ms();
    if (expected) require_revision(session, tenant_, name, *expected);
    require_found(session.execute("UPDATE pipelines SET spec = ?, updated_ms = ?, revision = revision + 1 "
                                  "WHERE tenant = ? AND name = ?",
                                  {spec, now, tenant_, name}),
                  name);
    if (resources) {
      session.execute("UPDATE pipelines SET resources = ? WHERE tenant = ? AND name = ?", {*resources, tenant_, name});
    }
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
    auto found = read_pipelines(session, tenant_,
                                session.query(std::string(kSelectPipeline) + " AND name = ?", {tenant_, name}));
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
    return read_pipelines(session, tenant_, session.query(std::string(kSelectPipeline) + " ORDER BY name", {tenant_}));
  });
}

std::vector<std::string> Pipelines::names() {
  return database_.read([&](Session& session) {
    std::vector<std::string> names;
    for (const auto& row : session.query("SELECT name FROM pipelines WHERE tenant = ? ORDER BY name", {tenant_})) {
      names.push_back(row.text(0));
    }
    return names;
  });
}

PageOf<PipelineRecord> Pipelines::page(const PageRequest& request, const PipelineFilter& filter) {
  const std::string after = request.after.empty() ? "" : decode_cursor(request.after, 1).front();
  std::string sql = std::string(kSelectPipeline) + " AND name > ?";
  std::vector<Value> parameters{tenant_, after};
  if (!filter.state.empty()) {
    sql += " AND state = ?";
    parameters.emplace_back(filter.state);
  }
  if (!filter.search.empty()) {
    sql += " AND name LIKE ? ESCAPE '\\'";
    parameters.emplace_back(like_pattern(filter.search));
  }
  parameters.emplace_back(std::int64_t{page_size(request)} + 1);
  auto items = database_.read([&](Session& session) {
    std::vector<PipelineRecord> records;
    for (const auto& row : session.query(sql + " ORDER BY name LIMIT ?", parameters))
      records.push_back(read_pipeline(row));
    return records;
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

std::string Pipelines::glance(Database& database) {
  return database.read([&](Session& session) {
    // A row each would cost more than all that is done with them.
    const auto lines = session.lines_of("tenant || '/' || name || '/' || state || '/' || revision");
    const auto rows = session.query("SELECT COALESCE(" + lines +
                                    ", '') FROM (SELECT tenant, name, state, revision FROM pipelines ORDER BY tenant, "
                                    "name) AS p");
    return rows.at(0).text(0);
  });
}

}  // namespace millrace::store
