#include "store/lease.hpp"

namespace millrace::store {

std::optional<std::int64_t> Leases::acquire(const std::string& name, const std::string& holder,
                                            std::chrono::milliseconds ttl) {
  session_.execute("INSERT INTO leases (name, holder, fence, expires_ms) VALUES (?, '', 0, 0) ON CONFLICT DO NOTHING",
                   {name});
  const auto rows = session_.query(
      "SELECT holder, fence, expires_ms FROM leases WHERE name = ?" + std::string(session_.for_update()), {name});
  // The clock is read once the row is ours: waiting for it may have taken time.
  const auto now = session_.clock_ms();
  const auto& row = rows.front();
  const bool mine = row.text(0) == holder && row.integer(2) > now;
  if (!mine && row.integer(2) > now) return std::nullopt;
  const auto fence = mine ? row.integer(1) : row.integer(1) + 1;
  session_.execute("UPDATE leases SET holder = ?, fence = ?, expires_ms = ? WHERE name = ?",
                   {holder, fence, now + ttl.count(), name});
  return fence;
}

bool Leases::renew(const std::string& name, const std::string& holder, std::int64_t fence,
                   std::chrono::milliseconds ttl) {
  const auto now = session_.clock_ms();
  // One that has run out is lost even when nobody took it: its holder may have been slow to notice.
  return session_.execute(
             "UPDATE leases SET expires_ms = ? WHERE name = ? AND holder = ? AND fence = ? AND expires_ms > ?",
             {now + ttl.count(), name, holder, fence, now}) > 0;
}

void Leases::release(const std::string& name, const std::string& holder, std::int64_t fence) {
  session_.execute("UPDATE leases SET expires_ms = 0 WHERE name = ? AND holder = ? AND fence = ?",
                   {name, holder, fence});
}

void Leases::require(const std::string& name, std::int64_t fence) {
  const auto rows =
      session_.query("SELECT fence FROM leases WHERE name = ?" + std::string(session_.for_update()), {name});
  if (rows.empty() || rows.front().integer(0) != fence) {
    throw Error(ErrorCode::kFenced, "Another server has taken over.");
  }
}

std::optional<Leases::State> Leases::find(const std::string& name) {
  const auto rows = session_.query("SELECT holder, fence, expires_ms FROM leases WHERE name = ?", {name});
  if (rows.empty()) return std::nullopt;
  const auto& row = rows.front();
  return State{row.text(0), row.integer(1), row.integer(2) > session_.clock_ms()};
}

}  // namespace millrace::store
