#include "store/connections.hpp"

#include "store/outcome.hpp"
#include "store/secrets.hpp"

namespace millrace::store {
namespace {

constexpr const char* kSelectConnection =
    "SELECT id, tenant, name, kind, settings, last_test, created_ms, updated_ms, revision FROM connections "
    "WHERE tenant = ?";

ConnectionRecord read_connection(const Row& row) {
  return {row.text(0), row.text(1),    row.text(2),    row.text(3),   row.text(4),
          row.text(5), row.integer(6), row.integer(7), row.integer(8)};
}

Error in_use(const std::vector<std::string>& pipelines) {
  std::string names;
  for (const auto& name : pipelines) names += (names.empty() ? ": " : ", ") + name;
  Error error(ErrorCode::kObjectInUse, "Pipelines use the connection" + names + ".");
  for (const auto& name : pipelines) error.note(name);
  return error;
}

std::optional<ConnectionRecord> first_connection(const Rows& rows) {
  if (rows.empty()) return std::nullopt;
  return read_connection(rows.front());
}

}  // namespace

void Connections::insert(const ConnectionRecord& connection) {
  const auto added = session_.execute(
      "INSERT INTO connections (id, tenant, name, kind, settings, last_test, created_ms, updated_ms) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
      {connection.id, connection.tenant, connection.name, connection.kind, connection.settings, connection.last_test,
       connection.created_ms, connection.created_ms});
  if (added == 0) throw exists("connection", connection.name);
}

void Connections::update(const ConnectionRecord& connection, std::optional<std::int64_t> revision) {
  std::vector<Value> parameters{connection.name, connection.settings, connection.updated_ms, connection.tenant,
                                connection.id};
  const auto sql = with_revision(
      "UPDATE connections SET name = ?, settings = ?, updated_ms = ?, revision = revision + 1 "
      "WHERE tenant = ? AND id = ?",
      parameters, revision);
  try {
    const auto rows = session_.execute(sql, parameters);
    require_changed(rows, rows == 0 && find(connection.tenant, connection.id).has_value(), "connection");
  } catch (const UniqueViolation&) {
    throw exists("connection", connection.name);
  }
}

void Connections::note_test(const std::string& tenant, const std::string& id, const std::string& last_test) {
  session_.execute("UPDATE connections SET last_test = ? WHERE tenant = ? AND id = ?", {last_test, tenant, id});
}

void Connections::remove(const std::string& tenant, const std::string& id, std::optional<std::int64_t> revision) {
  const auto pipelines = used_by(tenant, id);
  if (!pipelines.empty()) throw in_use(pipelines);
  std::vector<Value> parameters{tenant, id};
  const auto sql = with_revision("DELETE FROM connections WHERE tenant = ? AND id = ?", parameters, revision);
  try {
    const auto rows = session_.execute(sql, parameters);
    require_changed(rows, rows == 0 && find(tenant, id).has_value(), "connection");
  } catch (const ReferenceViolation&) {
    // A pipeline came to use it between the look and the statement.
    throw in_use({});
  }
  Secrets(session_).remove_object(tenant, "connection/" + id);
}

std::vector<std::string> Connections::used_by(const std::string& tenant, const std::string& id) {
  std::vector<std::string> names;
  for (const auto& row : session_.query("SELECT DISTINCT pipeline FROM pipeline_connections "
                                        "WHERE tenant = ? AND connection = ? ORDER BY pipeline",
                                        {tenant, id})) {
    names.push_back(row.text(0));
  }
  return names;
}

std::map<std::string, std::vector<std::string>> Connections::used_by(const std::string& tenant) {
  std::map<std::string, std::vector<std::string>> users;
  for (const auto& row : session_.query("SELECT DISTINCT connection, pipeline FROM pipeline_connections "
                                        "WHERE tenant = ? ORDER BY pipeline",
                                        {tenant})) {
    users[row.text(0)].push_back(row.text(1));
  }
  return users;
}

std::vector<std::string> Connections::tenants_in_use() {
  std::vector<std::string> tenants;
  for (const auto& row : session_.query("SELECT DISTINCT tenant FROM pipeline_connections ORDER BY tenant")) {
    tenants.push_back(row.text(0));
  }
  return tenants;
}

std::map<std::string, std::string> Connections::names(const std::string& tenant) {
  std::map<std::string, std::string> names;
  for (const auto& row : session_.query("SELECT id, name FROM connections WHERE tenant = ?", {tenant})) {
    names[row.text(0)] = row.text(1);
  }
  return names;
}

std::optional<ConnectionRecord> Connections::find(const std::string& tenant, const std::string& id) {
  return first_connection(session_.query(std::string(kSelectConnection) + " AND id = ?", {tenant, id}));
}

std::optional<ConnectionRecord> Connections::find_by_name(const std::string& tenant, const std::string& name) {
  return first_connection(session_.query(std::string(kSelectConnection) + " AND name = ?", {tenant, name}));
}

PageOf<ConnectionRecord> Connections::list(const std::string& tenant, const PageRequest& request,
                                           const std::string& kind) {
  std::string sql = kSelectConnection;
  std::vector<Value> parameters{tenant};
  if (!kind.empty()) {
    sql += " AND kind = ?";
    parameters.emplace_back(kind);
  }
  if (!request.after.empty()) {
    sql += " AND name > ?";
    parameters.emplace_back(decode_cursor(request.after, 1).front());
  }
  parameters.emplace_back(std::int64_t{page_size(request)} + 1);
  std::vector<ConnectionRecord> items;
  for (const auto& row : session_.query(sql + " ORDER BY name LIMIT ?", parameters))
    items.push_back(read_connection(row));
  return cut_page(std::move(items), request, [](const auto& item) { return std::vector{item.name}; });
}

}  // namespace millrace::store
