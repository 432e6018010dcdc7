#include "store/users.hpp"

#include <algorithm>

#include "store/outcome.hpp"

namespace millrace::store {
namespace {

constexpr const char* kSelectUser =
    "SELECT id, name, email, password_hash, oidc_subject, server_admin, disabled, created_ms, updated_ms, "
    "password_ms, revision FROM users";

UserRecord read_user(const Row& row) {
  UserRecord user;
  user.id = row.text(0);
  user.name = row.text(1);
  user.email = row.text(2);
  user.password_hash = row.text(3);
  user.oidc_subject = row.optional_text(4).value_or("");
  user.server_admin = row.flag(5);
  user.disabled = row.flag(6);
  user.created_ms = row.integer(7);
  user.updated_ms = row.integer(8);
  user.password_ms = row.integer(9);
  user.revision = row.integer(10);
  return user;
}

std::optional<UserRecord> first_user(const Rows& rows) {
  if (rows.empty()) return std::nullopt;
  return read_user(rows.front());
}

// Names are compared by their ASCII letters in lower case, the same on every backend.
std::string lowered(std::string name) {
  std::transform(name.begin(), name.end(), name.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return name;
}

Value subject_of(const UserRecord& user) {
  return user.oidc_subject.empty() ? Value() : Value(user.oidc_subject);
}

std::int64_t number(bool flag) {
  return flag ? 1 : 0;
}

}  // namespace

void Users::insert(const UserRecord& user) {
  const auto added = session_.execute(
      "INSERT INTO users (id, name, email, password_hash, oidc_subject, server_admin, disabled, created_ms, "
      "updated_ms, password_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
      {user.id, lowered(user.name), user.email, user.password_hash, subject_of(user), number(user.server_admin),
       number(user.disabled), user.created_ms, user.created_ms, user.created_ms});
  if (added == 0) throw exists("user", user.name);
}

void Users::update(const UserRecord& user, std::optional<std::int64_t> revision) {
  std::vector<Value> parameters{lowered(user.name),    user.email,      subject_of(user), number(user.server_admin),
                                number(user.disabled), user.updated_ms, user.id};
  const auto sql = with_revision(
      "UPDATE users SET name = ?, email = ?, oidc_subject = ?, server_admin = ?, disabled = ?, updated_ms = ?, "
      "revision = revision + 1 WHERE id = ?",
      parameters, revision);
  try {
    const auto rows = session_.execute(sql, parameters);
    require_changed(rows, rows == 0 && find(user.id).has_value(), "user");
  } catch (const UniqueViolation&) {
    throw exists("user", user.name);
  }
}

void Users::set_password(const std::string& id, const std::string& hash, std::int64_t now_ms, bool same_password) {
  const auto rows = same_password ? session_.execute("UPDATE users SET password_hash = ? WHERE id = ?", {hash, id})
                                  : session_.execute(
                                        "UPDATE users SET password_hash = ?, password_ms = ?, updated_ms = ?, "
                                        "revision = revision + 1 WHERE id = ?",
                                        {hash, now_ms, now_ms, id});
  if (rows == 0) throw not_found("user");
}

void Users::remove(const std::string& id) {
  if (session_.execute("DELETE FROM users WHERE id = ?", {id}) == 0) throw not_found("user");
}

std::optional<UserRecord> Users::find(const std::string& id) {
  return first_user(session_.query(std::string(kSelectUser) + " WHERE id = ?", {id}));
}

std::optional<UserRecord> Users::find_by_name(const std::string& name) {
  return first_user(session_.query(std::string(kSelectUser) + " WHERE name = ?", {lowered(name)}));
}

std::optional<UserRecord> Users::find_by_subject(const std::string& oidc_subject) {
  return first_user(session_.query(std::string(kSelectUser) + " WHERE oidc_subject = ?", {oidc_subject}));
}

std::vector<UserRecord> Users::find_by_email(const std::string& email) {
  std::vector<UserRecord> found;
  for (const auto& row : session_.query(std::string(kSelectUser) + " WHERE lower(email) = ?", {lowered(email)})) {
    found.push_back(read_user(row));
  }
  return found;
}

PageOf<UserRecord> Users::list(const PageRequest& request) {
  const std::string after = request.after.empty() ? "" : decode_cursor(request.after, 1).front();
  std::vector<UserRecord> items;
  for (const auto& row : session_.query(std::string(kSelectUser) + " WHERE name > ? ORDER BY name LIMIT ?",
                                        {after, std::int64_t{page_size(request)} + 1})) {
    items.push_back(read_user(row));
  }
  return cut_page(std::move(items), request, [](const auto& item) { return std::vector{item.name}; });
}

std::int64_t Users::count_server_admins() {
  return session_.query("SELECT count(*) FROM users WHERE server_admin = 1 AND disabled = 0").front().integer(0);
}

}  // namespace millrace::store
