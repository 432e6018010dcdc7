#include "security/roles.hpp"

#include <array>
#include <string>

namespace millrace::security {
namespace {

constexpr std::array kTable = {
#define MILLRACE_PERMISSION(constant, name, least, meaning) \
  PermissionInfo{Permission::constant, name, Least::least, meaning},
#include "security/permissions.def"
#undef MILLRACE_PERMISSION
};

const PermissionInfo& info(Permission permission) {
  return kTable.at(static_cast<std::size_t>(permission));
}

}  // namespace

std::span<const PermissionInfo> permission_table() {
  return kTable;
}

bool is_of_server(Permission permission) {
  return info(permission).least == Least::kServerAdmin;
}

std::string_view to_word(Permission permission) {
  return info(permission).name;
}

std::optional<Permission> permission_from(std::string_view name) {
  for (const auto& row : kTable) {
    if (row.name == name) return row.permission;
  }
  return std::nullopt;
}

std::string_view to_word(Role role) {
  switch (role) {
    case Role::kViewer:
      return "viewer";
    case Role::kOperator:
      return "operator";
    case Role::kAdmin:
      break;
  }
  return "admin";
}

std::optional<Role> role_from(std::string_view word) {
  for (const Role role : {Role::kViewer, Role::kOperator, Role::kAdmin}) {
    if (to_word(role) == word) return role;
  }
  return std::nullopt;
}

Role require_role(std::string_view word, std::string_view field) {
  if (const auto role = role_from(word)) return *role;
  throw Error(ErrorCode::kUsage, "A role is one of viewer, operator, admin.", {.field = std::string(field)});
}

bool allows(Role role, Permission permission) {
  switch (info(permission).least) {
    case Least::kViewer:
      return role >= Role::kViewer;
    case Least::kOperator:
      return role >= Role::kOperator;
    case Least::kAdmin:
      return role >= Role::kAdmin;
    case Least::kServerAdmin:
      break;
  }
  return false;
}

std::string Actor::label() const {
  if (!key_id.empty()) return "key:" + key_id;
  return user_name.empty() ? "millrace" : "user:" + user_name;
}

bool allowed(const Actor& actor, Permission permission) {
  if (actor.scopes && !actor.scopes->contains(permission)) return false;
  if (is_of_server(permission))
    return actor.server_admin || (permission == Permission::kMetricsReadAll && actor.scopes);
  if (actor.tenant.empty()) return false;
  if (actor.server_admin) return true;
  return actor.role && allows(*actor.role, permission);
}

void require(const Actor& actor, Permission permission) {
  if (allowed(actor, permission)) return;
  throw Error(ErrorCode::kForbidden, "This needs the right " + std::string(to_word(permission)) + ".");
}

}  // namespace millrace::security
