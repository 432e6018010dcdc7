#include "store/idempotency.hpp"

namespace millrace::store {
namespace {

/// A claim this old is of a server that died within the work.
constexpr std::int64_t kLostMs = 10LL * 60 * 1000;

}  // namespace

IdempotencyKeys::Claim IdempotencyKeys::claim(const std::string& tenant, const std::string& actor,
                                              const std::string& key, const std::string& fingerprint,
                                              std::int64_t now_ms) {
  session_.execute("DELETE FROM idempotency_keys WHERE tenant = ? AND actor = ? AND key = ? AND created_ms <= ?",
                   {tenant, actor, key, now_ms - kKeptMs});
  // Of two that come at once one inserts; the other waits for its commit and then finds the row.
  const auto added = session_.execute(
      "INSERT INTO idempotency_keys (tenant, actor, key, fingerprint, created_ms, status, headers, body) "
      "VALUES (?, ?, ?, ?, ?, NULL, '', '') ON CONFLICT DO NOTHING",
      {tenant, actor, key, fingerprint, now_ms});
  if (added > 0) return {};
  const auto rows = session_.query(
      "SELECT fingerprint, status, headers, body, created_ms FROM idempotency_keys "
      "WHERE tenant = ? AND actor = ? AND key = ?" +
          std::string(session_.for_update()),
      {tenant, actor, key});
  // Released between the two statements: whoever asks again will be the first.
  if (rows.empty()) return {.state = Claim::State::kInFlight};
  const auto& row = rows.front();
  if (row.text(0) != fingerprint) return {.state = Claim::State::kMismatch};
  if (const auto status = row.optional_integer(1)) {
    return {.state = Claim::State::kDone, .answer = {static_cast<int>(*status), row.text(2), row.text(3)}};
  }
  if (row.integer(4) > now_ms - kLostMs) return {.state = Claim::State::kInFlight};
  session_.execute("UPDATE idempotency_keys SET created_ms = ? WHERE tenant = ? AND actor = ? AND key = ?",
                   {now_ms, tenant, actor, key});
  return {};
}

void IdempotencyKeys::complete(const std::string& tenant, const std::string& actor, const std::string& key,
                               const StoredAnswer& answer) {
  session_.execute(
      "UPDATE idempotency_keys SET status = ?, headers = ?, body = ? WHERE tenant = ? AND actor = ? AND key = ?",
      {std::int64_t{answer.status}, answer.headers, answer.body, tenant, actor, key});
}

void IdempotencyKeys::release(const std::string& tenant, const std::string& actor, const std::string& key) {
  session_.execute("DELETE FROM idempotency_keys WHERE tenant = ? AND actor = ? AND key = ? AND status IS NULL",
                   {tenant, actor, key});
}

std::int64_t IdempotencyKeys::purge(std::int64_t now_ms) {
  return session_.execute("DELETE FROM idempotency_keys WHERE created_ms <= ?", {now_ms - kKeptMs});
}

}  // namespace millrace::store
