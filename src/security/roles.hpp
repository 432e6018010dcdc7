#pragma once

#include <optional>
#include <set>
#include <span>
#include <string_view>
#include <vector>

#include "support/error.hpp"

namespace millrace::security {

/// Everything that can be allowed; the rows are in security/permissions.def. What no row allows is refused.
enum class Permission {
#define MILLRACE_PERMISSION(constant, name, least, meaning) constant,
#include "security/permissions.def"
#undef MILLRACE_PERMISSION
};

/// What a user may be in a tenant, each with the rights of those before it.
enum class Role { kViewer, kOperator, kAdmin };

/// From which role on a permission is given. kServerAdmin: to no role of a tenant.
enum class Least { kViewer, kOperator, kAdmin, kServerAdmin };

struct PermissionInfo {
  Permission permission;
  std::string_view name;  ///< "pipelines.read": as in scopes of API keys
  Least least;
  std::string_view meaning;
};

/// Whether it is given to server administrators alone: about the server, not about a tenant.
bool is_of_server(Permission permission);
/// All rows, in the order of the enum.
std::span<const PermissionInfo> permission_table();
std::string_view to_word(Permission permission);
std::optional<Permission> permission_from(std::string_view name);
std::string_view to_word(Role role);  ///< viewer | operator | admin
std::optional<Role> role_from(std::string_view word);
/// Throws Error kUsage naming `field` and the words that are allowed.
Role require_role(std::string_view word, std::string_view field);

bool allows(Role role, Permission permission);

/// Who asks, after authentication: what every decision is made from.
struct Actor {
  std::string user_id = {};
  std::string user_name = {};
  std::string key_id = {};        ///< of the API key; empty: a session or the local command line
  std::string tenant = {};        ///< the tenant that the request acts in; empty: none
  std::optional<Role> role = {};  ///< in that tenant; none: no member
  bool server_admin = false;      ///< never by an API key
  /// Of an API key that is narrowed; none: all that the role has.
  std::optional<std::set<Permission>> scopes = {};
  std::string address = {};  ///< of the client

  /// "user:<name>" or "key:<id>": for audit and events.
  std::string label() const;
};

/// Whether the actor has the right in its tenant. A server administrator has every right of an administrator in every
/// tenant, and alone the server's own. Without a tenant nobody has a tenant's rights. Deny is the default.
bool allowed(const Actor& actor, Permission permission);
/// Throws Error kForbidden, naming the permission.
void require(const Actor& actor, Permission permission);

}  // namespace millrace::security
