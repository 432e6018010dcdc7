#include "store/api_keys.hpp"

#include <sstream>

#include "store/outcome.hpp"

namespace millrace::store {
namespace {

constexpr const char* kSelectKey =
    "SELECT id, tenant, user_id, name, hash, role, scopes, created_ms, expires_ms, last_used_ms, revoked_ms "
    "FROM api_keys";

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

std::vector<std::string> divided(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

ApiKeyRecord read_key(const Row& row) {
  const auto role = security::role_from(row.text(5));
  if (!role) throw Error(ErrorCode::kStore, "A stored API key has an unknown role.");
  ApiKeyRecord key{row.text(0), row.text(1), row.text(2), row.text(3), row.text(4), *role, divided(row.text(6))};
  key.created_ms = row.integer(7);
  key.expires_ms = row.optional_integer(8);
  key.last_used_ms = row.optional_integer(9);
  key.revoked_ms = row.optional_integer(10);
  return key;
}

std::optional<ApiKeyRecord> first_key(const Rows& rows) {
  if (rows.empty()) return std::nullopt;
  return read_key(rows.front());
}

}  // namespace

void ApiKeys::insert(const ApiKeyRecord& key) {
  const auto added = session_.execute(
      "INSERT INTO api_keys (id, tenant, user_id, name, hash, role, scopes, created_ms, expires_ms) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
      {key.id, key.tenant, key.user, key.name, key.hash, std::string(security::to_word(key.role)), joined(key.scopes),
       key.created_ms, value_of(key.expires_ms)});
  if (added == 0) throw exists("key", key.name);
}

std::optional<ApiKeyRecord> ApiKeys::find_any(const std::string& id) {
  return first_key(session_.query(std::string(kSelectKey) + " WHERE id = ?", {id}));
}

std::optional<ApiKeyRecord> ApiKeys::find(const std::string& tenant, const std::string& id) {
  return first_key(session_.query(std::string(kSelectKey) + " WHERE tenant = ? AND id = ?", {tenant, id}));
}

void ApiKeys::revoke(const std::string& tenant, const std::string& id, std::int64_t now_ms) {
  if (!find(tenant, id)) throw not_found("API key");
  // The first moment stays.
  session_.execute("UPDATE api_keys SET revoked_ms = ? WHERE tenant = ? AND id = ? AND revoked_ms IS NULL",
                   {now_ms, tenant, id});
}

void ApiKeys::touch(const std::string& id, std::int64_t now_ms) {
  session_.execute("UPDATE api_keys SET last_used_ms = ? WHERE id = ?", {now_ms, id});
}

PageOf<ApiKeyRecord> ApiKeys::list(const std::string& tenant, const PageRequest& request,
                                   const std::optional<std::string>& user) {
  std::string sql = std::string(kSelectKey) + " WHERE tenant = ?";
  std::vector<Value> parameters{tenant};
  if (user) {
    sql += " AND user_id = ?";
    parameters.emplace_back(*user);
  }
  if (!request.after.empty()) {
    const auto after = decode_cursor(request.after, 2);
    sql += " AND (created_ms, id) > (?, ?)";
    parameters.emplace_back(cursor_number(after[0]));
    parameters.emplace_back(after[1]);
  }
  parameters.emplace_back(std::int64_t{page_size(request)} + 1);
  std::vector<ApiKeyRecord> items;
  for (const auto& row : session_.query(sql + " ORDER BY created_ms, id LIMIT ?", parameters)) {
    items.push_back(read_key(row));
  }
  return cut_page(std::move(items), request, [](const auto& item) {
    return std::vector{std::to_string(item.created_ms), item.id};
  });
}

}  // namespace millrace::store
