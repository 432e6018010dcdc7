#include "store/secrets.hpp"

namespace millrace::store {
namespace {

constexpr const char* kSelectSecrets = "SELECT tenant, object, field, sealed, key_id, updated_ms FROM sealed_secrets";

std::vector<SealedSecret> read_secrets(const Rows& rows) {
  std::vector<SealedSecret> all;
  all.reserve(rows.size());
  for (const auto& row : rows) {
    all.push_back({row.text(0), row.text(1), row.text(2), row.text(3), row.text(4), row.integer(5)});
  }
  return all;
}

}  // namespace

void Secrets::put(const SealedSecret& secret) {
  session_.execute(
      "INSERT INTO sealed_secrets (tenant, object, field, sealed, key_id, updated_ms) VALUES (?, ?, ?, ?, ?, ?) "
      "ON CONFLICT (tenant, object, field) DO UPDATE SET sealed = excluded.sealed, key_id = excluded.key_id, "
      "updated_ms = excluded.updated_ms",
      {secret.tenant, secret.object, secret.field, secret.sealed, secret.key_id, secret.updated_ms});
}

std::optional<SealedSecret> Secrets::find(const std::string& tenant, const std::string& object,
                                          const std::string& field) {
  auto found = read_secrets(session_.query(
      std::string(kSelectSecrets) + " WHERE tenant = ? AND object = ? AND field = ?", {tenant, object, field}));
  if (found.empty()) return std::nullopt;
  return std::move(found.front());
}

std::vector<SealedSecret> Secrets::of_object(const std::string& tenant, const std::string& object) {
  return read_secrets(session_.query(std::string(kSelectSecrets) + " WHERE tenant = ? AND object = ? ORDER BY field",
                                     {tenant, object}));
}

void Secrets::remove(const std::string& tenant, const std::string& object, const std::string& field) {
  session_.execute("DELETE FROM sealed_secrets WHERE tenant = ? AND object = ? AND field = ?", {tenant, object, field});
}

void Secrets::remove_object(const std::string& tenant, const std::string& object) {
  session_.execute("DELETE FROM sealed_secrets WHERE tenant = ? AND object = ?", {tenant, object});
}

std::vector<SealedSecret> Secrets::not_under(const std::string& key_id, int limit,
                                             const std::optional<SealedSecret>& after) {
  std::string sql = std::string(kSelectSecrets) + " WHERE key_id <> ?";
  std::vector<Value> parameters{key_id};
  if (after) {
    sql += " AND (tenant, object, field) > (?, ?, ?)";
    parameters.insert(parameters.end(), {after->tenant, after->object, after->field});
  }
  parameters.emplace_back(std::int64_t{limit});
  return read_secrets(session_.query(sql + " ORDER BY tenant, object, field LIMIT ?", parameters));
}

bool Secrets::replace(const SealedSecret& secret, const std::string& old_sealed) {
  return session_.execute(
             "UPDATE sealed_secrets SET sealed = ?, key_id = ? WHERE tenant = ? AND object = ? AND field = ? "
             "AND sealed = ?",
             {secret.sealed, secret.key_id, secret.tenant, secret.object, secret.field, old_sealed}) > 0;
}

std::map<std::string, std::int64_t> Secrets::count_by_key() {
  std::map<std::string, std::int64_t> counts;
  for (const auto& row : session_.query("SELECT key_id, count(*) FROM sealed_secrets GROUP BY key_id")) {
    counts[row.text(0)] = row.integer(1);
  }
  return counts;
}

}  // namespace millrace::store
