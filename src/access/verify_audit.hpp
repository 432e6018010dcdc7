#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "security/audit_chain.hpp"
#include "store/database.hpp"

namespace millrace::access {

struct AuditReport {
  std::int64_t checked = 0;
  security::ChainHead head;  ///< to be noted outside: a later run can be asked to find it
  std::optional<security::ChainVerifier::Fault> fault = {};
};

/// "<line>:<hash>": how people note a head, and back. parse_head throws Error kUsage naming `field`.
std::string head_text(const security::ChainHead& head);
security::ChainHead parse_head(const std::string& text, const std::string& field);

/// Walks the whole audit log and checks its chain. `expected`: a head that was noted earlier must still be there.
AuditReport verify_audit(store::Database& database, const std::optional<security::ChainHead>& expected = {});

}  // namespace millrace::access
