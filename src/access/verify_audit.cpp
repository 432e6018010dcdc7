#include "access/verify_audit.hpp"

#include "store/audit_log.hpp"
#include "support/error.hpp"

namespace millrace::access {

std::string head_text(const security::ChainHead& head) {
  return std::to_string(head.sequence) + ":" + head.hash;
}

security::ChainHead parse_head(const std::string& text, const std::string& field) {
  constexpr std::size_t kMostDigits = 18;
  const auto colon = text.find(':');
  const auto digits = text.substr(0, colon);
  if (colon == std::string::npos || digits.empty() || digits.size() > kMostDigits ||
      digits.find_first_not_of("0123456789") != std::string::npos) {
    throw Error(ErrorCode::kUsage, "A head is \"<line>:<hash>\", as an earlier verify told it.", {.field = field});
  }
  return {std::stoll(digits), text.substr(colon + 1)};
}

AuditReport verify_audit(store::Database& database, const std::optional<security::ChainHead>& expected) {
  return database.read([&](store::Session& session) {
    AuditReport report;
    store::AuditLog log(session);
    // The head first: lines that are appended while we read are beyond it and no fault.
    report.head = log.head();
    security::ChainVerifier verifier;
    bool found = !expected || expected->sequence == 0;
    log.each([&](const security::AuditRecord& record) {
      if (record.sequence > report.head.sequence) return false;
      report.fault = verifier.check(record);
      if (report.fault) return false;
      if (expected && record.sequence == expected->sequence) {
        found = record.hash == expected->hash;
        if (!found) report.fault = {record.sequence, "the line is not the one that was noted"};
      }
      return found || !expected || record.sequence < expected->sequence;
    });
    report.checked = verifier.checked();
    if (!report.fault) report.fault = verifier.finish(report.head);
    if (!report.fault && !found) report.fault = {expected->sequence, "the line that was noted is gone"};
    return report;
  });
}

}  // namespace millrace::access
