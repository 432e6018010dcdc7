#include "store/outcome.hpp"
#include "store/users.hpp"

namespace millrace::store {
namespace {

constexpr const char* kSelectMembership =
    "SELECT m.tenant, m.user_id, m.role, t.name, u.name FROM memberships m "
    "JOIN tenants t ON t.id = m.tenant JOIN users u ON u.id = m.user_id";

security::Role role_of(const std::string& word) {
  const auto role = security::role_from(word);
  if (!role) throw Error(ErrorCode::kStore, "A stored membership has an unknown role.");
  return *role;
}

Membership read_membership(const Row& row) {
  return {row.text(0), row.text(1), role_of(row.text(2)), row.text(3), row.text(4)};
}

}  // namespace

void Memberships::put(const Membership& membership) {
  try {
    session_.execute(
        "INSERT INTO memberships (tenant, user_id, role) VALUES (?, ?, ?) "
        "ON CONFLICT (tenant, user_id) DO UPDATE SET role = excluded.role",
        {membership.tenant, membership.user, std::string(security::to_word(membership.role))});
  } catch (const ReferenceViolation&) {
    throw not_found("tenant or user");
  }
}

bool Memberships::remove(const std::string& tenant, const std::string& user) {
  return session_.execute("DELETE FROM memberships WHERE tenant = ? AND user_id = ?", {tenant, user}) > 0;
}

std::optional<security::Role> Memberships::role(const std::string& tenant, const std::string& user) {
  const auto rows = session_.query("SELECT role FROM memberships WHERE tenant = ? AND user_id = ?", {tenant, user});
  if (rows.empty()) return std::nullopt;
  return role_of(rows.front().text(0));
}

std::vector<Membership> Memberships::of_user(const std::string& user) {
  std::vector<Membership> all;
  for (const auto& row :
       session_.query(std::string(kSelectMembership) + " WHERE m.user_id = ? ORDER BY t.name", {user})) {
    all.push_back(read_membership(row));
  }
  return all;
}

PageOf<Membership> Memberships::of_tenant(const std::string& tenant, const PageRequest& request) {
  const std::string after = request.after.empty() ? "" : decode_cursor(request.after, 1).front();
  std::vector<Membership> items;
  for (const auto& row :
       session_.query(std::string(kSelectMembership) + " WHERE m.tenant = ? AND u.name > ? ORDER BY u.name LIMIT ?",
                      {tenant, after, std::int64_t{page_size(request)} + 1})) {
    items.push_back(read_membership(row));
  }
  return cut_page(std::move(items), request, [](const auto& item) { return std::vector{item.user_name}; });
}

}  // namespace millrace::store
