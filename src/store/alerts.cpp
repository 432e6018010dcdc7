#include "store/alerts.hpp"

#include "store/outcome.hpp"
#include "store/secrets.hpp"

namespace millrace::store {
namespace {

constexpr const char* kSelectAlert =
    "SELECT id, tenant, name, kind, settings, last_delivery, created_ms FROM alert_channels WHERE tenant = ?";

std::vector<AlertChannelRecord> read_alert(const Rows& rows) {
  std::vector<AlertChannelRecord> all;
  for (const auto& row : rows) {
    all.push_back({row.text(0), row.text(1), row.text(2), row.text(3), row.text(4), row.text(5), row.integer(6)});
  }
  return all;
}

}  // namespace

void AlertChannels::insert(const AlertChannelRecord& channel) {
  const auto added = session_.execute(
      "INSERT INTO alert_channels (id, tenant, name, kind, settings, last_delivery, created_ms) "
      "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
      {channel.id, channel.tenant, channel.name, channel.kind, channel.settings, channel.last_delivery,
       channel.created_ms});
  if (added == 0) throw exists("channel", channel.name);
}

void AlertChannels::remove(const std::string& tenant, const std::string& id) {
  require_changed(session_.execute("DELETE FROM alert_channels WHERE tenant = ? AND id = ?", {tenant, id}), false,
                  "channel");
  Secrets(session_).remove_object(tenant, "alert/" + id);
}

void AlertChannels::note_delivery(const std::string& tenant, const std::string& id, const std::string& last_delivery) {
  session_.execute("UPDATE alert_channels SET last_delivery = ? WHERE tenant = ? AND id = ?",
                   {last_delivery, tenant, id});
}

std::optional<AlertChannelRecord> AlertChannels::find(const std::string& tenant, const std::string& id) {
  auto found = read_alert(session_.query(std::string(kSelectAlert) + " AND id = ?", {tenant, id}));
  if (found.empty()) return std::nullopt;
  return std::move(found.front());
}

std::vector<AlertChannelRecord> AlertChannels::all(const std::string& tenant) {
  return read_alert(session_.query(std::string(kSelectAlert) + " ORDER BY name", {tenant}));
}

PageOf<AlertChannelRecord> AlertChannels::list(const std::string& tenant, const PageRequest& request) {
  const std::string after = request.after.empty() ? "" : decode_cursor(request.after, 1).front();
  auto items = read_alert(session_.query(std::string(kSelectAlert) + " AND name > ? ORDER BY name LIMIT ?",
                                         {tenant, after, std::int64_t{page_size(request)} + 1}));
  return cut_page(std::move(items), request, [](const auto& item) { return std::vector{item.name}; });
}

void AlertRules::put(const std::string& tenant, const std::string& rule, const std::string& settings) {
  session_.execute(
      "INSERT INTO alert_rules (tenant, rule, settings) VALUES (?, ?, ?) "
      "ON CONFLICT (tenant, rule) DO UPDATE SET settings = excluded.settings",
      {tenant, rule, settings});
}

std::optional<std::string> AlertRules::find(const std::string& tenant, const std::string& rule) {
  const auto rows = session_.query("SELECT settings FROM alert_rules WHERE tenant = ? AND rule = ?", {tenant, rule});
  if (rows.empty()) return std::nullopt;
  return rows.front().text(0);
}

void AlertOutbox::insert(const OutboxRecord& record) {
  session_.execute(
      "INSERT INTO alert_outbox (id, tenant, channel, message, attempts, next_ms, created_ms) "
      "VALUES (?, ?, ?, ?, ?, ?, ?)",
      {record.id, record.tenant, record.channel, record.message, std::int64_t{record.attempts}, record.next_ms,
       record.created_ms});
}

std::vector<OutboxRecord> AlertOutbox::due(std::int64_t now_ms, int limit) {
  std::vector<OutboxRecord> all;
  for (const auto& row : session_.query("SELECT id, tenant, channel, message, attempts, next_ms, created_ms FROM "
                                        "alert_outbox WHERE next_ms <= ? ORDER BY next_ms, id LIMIT ?",
                                        {now_ms, std::int64_t{limit}})) {
    all.push_back({row.text(0), row.text(1), row.text(2), row.text(3), static_cast<int>(row.integer(4)), row.integer(5),
                   row.integer(6)});
  }
  return all;
}

bool AlertOutbox::claim(const OutboxRecord& record, std::int64_t next_ms) {
  return session_.execute("UPDATE alert_outbox SET attempts = attempts + 1, next_ms = ? WHERE id = ? AND next_ms = ?",
                          {next_ms, record.id, record.next_ms}) > 0;
}

void AlertOutbox::remove(const std::string& id) {
  session_.execute("DELETE FROM alert_outbox WHERE id = ?", {id});
}

}  // namespace millrace::store
