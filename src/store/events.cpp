#include "store/events.hpp"

namespace millrace::store {
namespace {

constexpr const char* kSelectEvents =
    "SELECT id, tenant, pipeline, kind, severity, actor, message, details, time_ms FROM events";

std::vector<EventRecord> read_events(const Rows& rows) {
  std::vector<EventRecord> all;
  all.reserve(rows.size());
  for (const auto& row : rows) {
    all.push_back({row.integer(0), row.text(1), row.text(2), row.text(3), row.text(4), row.text(5), row.text(6),
                   row.text(7), row.integer(8)});
  }
  return all;
}

/// The pattern of kinds that begin with "<family>.".
std::string members_of(const std::string& family) {
  std::string pattern;
  for (const char c : family) {
    if (c == '!' || c == '%' || c == '_') pattern += '!';
    pattern += c;
  }
  return pattern + ".%";
}

}  // namespace

std::int64_t Events::append(const EventRecord& event) {
  const auto rows = session_.query("UPDATE counters SET value = value + 1 WHERE name = 'events' RETURNING value");
  if (rows.empty()) throw Error(ErrorCode::kStore, "The counter of events is gone.");
  const auto id = rows.front().integer(0);
  session_.execute(
      "INSERT INTO events (id, tenant, pipeline, kind, severity, actor, message, details, time_ms) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
      {id, event.tenant, event.pipeline, event.kind, event.severity, event.actor, event.message, event.details,
       event.time_ms});
  return id;
}

PageOf<EventRecord> Events::list(const std::string& tenant, const Filter& filter, const PageRequest& request) {
  std::string sql = std::string(kSelectEvents) + " WHERE tenant = ?";
  std::vector<Value> parameters{tenant};
  const auto narrow = [&](const char* condition, Value value) {
    sql += condition;
    parameters.push_back(std::move(value));
  };
  if (!filter.pipeline.empty()) narrow(" AND pipeline = ?", filter.pipeline);
  if (!filter.kind.empty()) {
    narrow(" AND (kind = ?", filter.kind);
    narrow(" OR kind LIKE ? ESCAPE '!')", members_of(filter.kind));
  }
  if (!filter.severity.empty()) narrow(" AND severity = ?", filter.severity);
  if (filter.from_ms) narrow(" AND time_ms >= ?", *filter.from_ms);
  if (filter.to_ms) narrow(" AND time_ms < ?", *filter.to_ms);
  if (!request.after.empty()) narrow(" AND id < ?", decode_number_cursor(request.after));
  narrow(" ORDER BY id DESC LIMIT ?", std::int64_t{page_size(request)} + 1);
  return cut_page(read_events(session_.query(sql, parameters)), request,
                  [](const auto& item) { return std::vector{std::to_string(item.id)}; });
}

std::vector<EventRecord> Events::after(std::int64_t after, int limit) {
  return read_events(
      session_.query(std::string(kSelectEvents) + " WHERE id > ? ORDER BY id LIMIT ?", {after, std::int64_t{limit}}));
}

std::int64_t Events::last_id() {
  const auto rows = session_.query("SELECT value FROM counters WHERE name = 'events'");
  return rows.empty() ? 0 : rows.front().integer(0);
}

std::int64_t Events::purge(std::int64_t before_ms, int limit) {
  return session_.execute("DELETE FROM events WHERE id IN (SELECT id FROM events WHERE time_ms < ? LIMIT ?)",
                          {before_ms, std::int64_t{limit}});
}

}  // namespace millrace::store
