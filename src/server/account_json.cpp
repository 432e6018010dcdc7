#include "server/account_json.hpp"

#include <nlohmann/json.hpp>

#include "security/roles.hpp"
#include "server/api_json.hpp"

namespace millrace::server {
namespace {

using nlohmann::ordered_json;

}  // namespace

ordered_json user_json(store::Session& session, const store::UserRecord& user) {
  ordered_json memberships = ordered_json::array();
  for (const auto& membership : store::Memberships(session).of_user(user.id)) {
    memberships.push_back({{"tenant", membership.tenant},
                           {"tenantName", membership.tenant_name},
                           {"role", security::to_word(membership.role)}});
  }
  const bool has_password = !user.password_hash.empty();
  return {{"id", user.id},
          {"name", user.name},
          {"email", user.email},
          {"serverAdmin", user.server_admin},
          {"disabled", user.disabled},
          {"hasPassword", has_password},
          {"oidcLinked", !user.oidc_subject.empty()},
          {"passwordSetAt", has_password ? ordered_json(rfc3339(user.password_ms)) : ordered_json(nullptr)},
          {"memberships", std::move(memberships)},
          {"createdAt", rfc3339(user.created_ms)},
          {"updatedAt", rfc3339(user.updated_ms)},
          {"revision", std::to_string(user.revision)}};
}

ordered_json api_key_json(const store::ApiKeyRecord& key, const std::string& owner) {
  return {{"id", key.id},
          {"name", key.name},
          {"user", owner},
          {"role", security::to_word(key.role)},
          {"scopes", key.scopes},
          {"createdAt", rfc3339(key.created_ms)},
          {"expiresAt", moment(key.expires_ms)},
          {"lastUsedAt", moment(key.last_used_ms)},
          {"revokedAt", moment(key.revoked_ms)}};
}

ordered_json audit_report_json(const access::AuditReport& report) {
  ordered_json value{{"lines", std::to_string(report.checked)},
                     {"head", access::head_text(report.head)},
                     {"whole", !report.fault.has_value()}};
  if (report.fault) value["fault"] = {{"line", std::to_string(report.fault->sequence)}, {"what", report.fault->what}};
  return value;
}

}  // namespace millrace::server
