#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "security/audit_chain.hpp"
#include "store/page.hpp"
#include "store/sql.hpp"

namespace millrace::store {

/// The audit log: only ever added to, each row chained to the one before by a hash (security/audit_chain.hpp).
/// The sequence number has no gaps and follows the order of commits: appending locks the chain's head until the
/// transaction ends, so append last.
class AuditLog {
 public:
  explicit AuditLog(Session& session) : session_(session) {}

  /// Fills in sequence and hashes; gives the sequence number.
  std::int64_t append(security::AuditRecord record);

  struct Filter {
    std::optional<std::string> tenant = {};  ///< none: all, with the server's own; for server administrators alone
    std::string actor = {};
    std::string action = {};
    std::string outcome = {};
    std::optional<std::int64_t> from_ms = {};
    std::optional<std::int64_t> to_ms = {};
  };
  /// Newest first. The cursor is the hash of a line: its number would tell a tenant how much the others do.
  PageOf<security::AuditRecord> list(const Filter& filter, const PageRequest& request);
  /// Every row in order of sequence, read in bounded portions; ends early when `visit` returns false.
  void each(const std::function<bool(const security::AuditRecord&)>& visit);
  /// The chain's head: sequence and hash of the newest row; 0 and the chain's beginning when there is none.
  security::ChainHead head();

 private:
  /// The number of the line that a cursor names, among the tenant's if one is given. Throws Error kUsage.
  std::int64_t sequence_of(const std::optional<std::string>& tenant, const std::string& cursor);

  Session& session_;
};

}  // namespace millrace::store
