#include "store/tenants.hpp"

#include "store/outcome.hpp"

namespace millrace::store {
namespace {

constexpr const char* kSelectTenant = "SELECT id, name, created_ms, revision FROM tenants";

TenantRecord read_tenant(const Row& row) {
  return {row.text(0), row.text(1), row.integer(2), row.integer(3)};
}

std::optional<TenantRecord> first_tenant(const Rows& rows) {
  if (rows.empty()) return std::nullopt;
  return read_tenant(rows.front());
}

}  // namespace

void Tenants::insert(const TenantRecord& tenant) {
  const auto added =
      session_.execute("INSERT INTO tenants (id, name, created_ms) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                       {tenant.id, tenant.name, tenant.created_ms});
  if (added == 0) throw exists("tenant", tenant.name);
}

void Tenants::rename(const std::string& id, const std::string& name, std::optional<std::int64_t> revision) {
  std::vector<Value> parameters{name, id};
  const auto sql =
      with_revision("UPDATE tenants SET name = ?, revision = revision + 1 WHERE id = ?", parameters, revision);
  try {
    const auto rows = session_.execute(sql, parameters);
    require_changed(rows, rows == 0 && find(id).has_value(), "tenant");
  } catch (const UniqueViolation&) {
    throw exists("tenant", name);
  }
}

void Tenants::remove(const std::string& id) {
  if (id == kDefaultTenant) {
    throw Error(ErrorCode::kUsage, "The default tenant cannot be removed.", {.field = "tenant"});
  }
  if (!session_.query("SELECT 1 FROM pipelines WHERE tenant = ? LIMIT 1", {id}).empty()) {
    throw Error(ErrorCode::kObjectInUse, "The tenant still has pipelines: delete them first.");
  }
  try {
    if (session_.execute("DELETE FROM tenants WHERE id = ?", {id}) == 0) throw not_found("tenant");
  } catch (const ReferenceViolation&) {
    // Created since the look above.
    throw Error(ErrorCode::kObjectInUse, "The tenant still has pipelines: delete them first.");
  }
}

std::int64_t Tenants::count_pipelines(const std::string& id) {
  return session_.query("SELECT count(*) FROM pipelines WHERE tenant = ?", {id}).front().integer(0);
}

std::optional<TenantRecord> Tenants::find(const std::string& id) {
  return first_tenant(session_.query(std::string(kSelectTenant) + " WHERE id = ?", {id}));
}

std::optional<TenantRecord> Tenants::find_by_name(const std::string& name) {
  return first_tenant(session_.query(std::string(kSelectTenant) + " WHERE name = ?", {name}));
}

PageOf<TenantRecord> Tenants::list(const PageRequest& request) {
  const std::string after = request.after.empty() ? "" : decode_cursor(request.after, 1).front();
  std::vector<TenantRecord> items;
  for (const auto& row : session_.query(std::string(kSelectTenant) + " WHERE name > ? ORDER BY name LIMIT ?",
                                        {after, std::int64_t{page_size(request)} + 1})) {
    items.push_back(read_tenant(row));
  }
  return cut_page(std::move(items), request, [](const auto& item) { return std::vector{item.name}; });
}

}  // namespace millrace::store
