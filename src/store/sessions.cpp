#include "store/sessions.hpp"

namespace millrace::store {
namespace {

constexpr const char* kSelectSession =
    "SELECT token_hash, user_id, tenant, created_ms, seen_ms, expires_ms, address, agent FROM sessions";
constexpr std::size_t kLongestAgent = 200;

SessionRecord read_session(const Row& row) {
  return {row.text(0),    row.text(1),    row.text(2), row.integer(3),
          row.integer(4), row.integer(5), row.text(6), row.text(7)};
}

/// Cut at a whole character: PostgreSQL refuses half of one.
std::string cut(const std::string& text, std::size_t longest) {
  if (text.size() <= longest) return text;
  std::size_t end = longest;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end);
}

}  // namespace

void Sessions::insert(const SessionRecord& record) {
  session_.execute(
      "INSERT INTO sessions (token_hash, user_id, tenant, created_ms, seen_ms, expires_ms, address, agent) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
      {record.token_hash, record.user, record.tenant, record.created_ms, record.seen_ms, record.expires_ms,
       record.address, cut(record.agent, kLongestAgent)});
}

std::optional<SessionRecord> Sessions::find(const std::string& token_hash) {
  const auto rows = session_.query(std::string(kSelectSession) + " WHERE token_hash = ?", {token_hash});
  if (rows.empty()) return std::nullopt;
  return read_session(rows.front());
}

void Sessions::touch(const std::string& token_hash, std::int64_t seen_ms) {
  session_.execute("UPDATE sessions SET seen_ms = ? WHERE token_hash = ? AND seen_ms < ?",
                   {seen_ms, token_hash, seen_ms});
}

void Sessions::choose_tenant(const std::string& token_hash, const std::string& tenant) {
  session_.execute("UPDATE sessions SET tenant = ? WHERE token_hash = ?", {tenant, token_hash});
}

bool Sessions::remove(const std::string& token_hash) {
  return session_.execute("DELETE FROM sessions WHERE token_hash = ?", {token_hash}) > 0;
}

std::int64_t Sessions::remove_of_user(const std::string& user, const std::string& keep_hash) {
  return session_.execute("DELETE FROM sessions WHERE user_id = ? AND token_hash <> ?", {user, keep_hash});
}

std::vector<SessionRecord> Sessions::of_user(const std::string& user) {
  std::vector<SessionRecord> all;
  for (const auto& row :
       session_.query(std::string(kSelectSession) + " WHERE user_id = ? ORDER BY created_ms", {user})) {
    all.push_back(read_session(row));
  }
  return all;
}

std::int64_t Sessions::purge(std::int64_t now_ms, std::int64_t idle_before_ms) {
  return session_.execute("DELETE FROM sessions WHERE expires_ms <= ? OR seen_ms <= ?", {now_ms, idle_before_ms});
}

}  // namespace millrace::store
