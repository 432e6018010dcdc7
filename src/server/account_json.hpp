#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "access/verify_audit.hpp"
#include "store/api_keys.hpp"
#include "store/users.hpp"

namespace millrace::server {

/// Users, API keys and the check of the audit log as the API has them (User, ApiKey, AuditReport): nothing that proves
/// a password or a key. `session` reads the user's memberships.
nlohmann::ordered_json user_json(store::Session& session, const store::UserRecord& user);
/// `owner`: the owner's sign-in name.
nlohmann::ordered_json api_key_json(const store::ApiKeyRecord& key, const std::string& owner);
nlohmann::ordered_json audit_report_json(const access::AuditReport& report);

}  // namespace millrace::server
