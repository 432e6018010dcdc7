#include "store/login_throttle.hpp"

namespace millrace::store {

security::FailureCount LoginThrottle::read(const std::string& kind, const std::string& subject) {
  const auto rows = session_.query(
      "SELECT failures, first_ms, last_ms, blocked_until_ms FROM login_failures WHERE kind = ? AND subject = ?" +
          std::string(session_.for_update()),
      {kind, subject});
  if (rows.empty()) return {};
  const auto& row = rows.front();
  return {row.integer(0), row.integer(1), row.integer(2), row.integer(3)};
}

void LoginThrottle::write(const std::string& kind, const std::string& subject, const security::FailureCount& count) {
  session_.execute(
      "INSERT INTO login_failures (kind, subject, failures, first_ms, last_ms, blocked_until_ms) "
      "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (kind, subject) DO UPDATE SET failures = excluded.failures, "
      "first_ms = excluded.first_ms, last_ms = excluded.last_ms, blocked_until_ms = excluded.blocked_until_ms",
      {kind, subject, count.failures, count.first_ms, count.last_ms, count.blocked_until_ms});
}

void LoginThrottle::clear(const std::string& kind, const std::string& subject) {
  session_.execute("DELETE FROM login_failures WHERE kind = ? AND subject = ?", {kind, subject});
}

std::int64_t LoginThrottle::purge(std::int64_t before_ms) {
  return session_.execute("DELETE FROM login_failures WHERE last_ms < ?", {before_ms});
}

}  // namespace millrace::store
