#include "store/audit_log.hpp"

#include <vector>

namespace millrace::store {
namespace {

constexpr const char* kSelectRecord =
    "SELECT sequence, time_ms, tenant, actor, action, object, outcome, address, details, previous, hash "
    "FROM audit_log";
constexpr std::int64_t kPortion = 500;

security::AuditRecord read_record(const Row& row) {
  security::AuditRecord record;
  record.sequence = row.integer(0);
  record.time_ms = row.integer(1);
  record.tenant = row.text(2);
  record.actor = row.text(3);
  record.action = row.text(4);
  record.object = row.text(5);
  record.outcome = row.text(6);
  record.address = row.text(7);
  record.details = row.text(8);
  record.previous = row.text(9);
  record.hash = row.text(10);
  return record;
}

}  // namespace

security::ChainHead AuditLog::head() {
  const auto rows = session_.query("SELECT sequence, hash FROM audit_head WHERE id = 1");
  if (rows.empty()) throw Error(ErrorCode::kAuditBroken, "The audit log's head is gone.");
  return {rows.front().integer(0), rows.front().text(1)};
}

std::int64_t AuditLog::append(security::AuditRecord record) {
  // Taking the number by an UPDATE locks the head, so that appends follow each other in the order of their commits.
  const auto rows =
      session_.query("UPDATE audit_head SET sequence = sequence + 1 WHERE id = 1 RETURNING sequence, hash");
  if (rows.empty()) throw Error(ErrorCode::kAuditBroken, "The audit log's head is gone.");
  record.sequence = rows.front().integer(0);
  record.previous = rows.front().text(1);
  record.hash = security::chain_hash(record);
  session_.execute(
      "INSERT INTO audit_log (sequence, time_ms, tenant, actor, action, object, outcome, address, details, previous, "
      "hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      {record.sequence, record.time_ms, record.tenant, record.actor, record.action, record.object, record.outcome,
       record.address, record.details, record.previous, record.hash});
  session_.execute("UPDATE audit_head SET hash = ? WHERE id = 1", {record.hash});
  return record.sequence;
}

PageOf<security::AuditRecord> AuditLog::list(const Filter& filter, const PageRequest& request) {
  std::string where;
  std::vector<Value> parameters;
  const auto narrow = [&](const char* condition, Value value) {
    where += where.empty() ? " WHERE " : " AND ";
    where += condition;
    parameters.push_back(std::move(value));
  };
  if (filter.tenant) narrow("tenant = ?", *filter.tenant);
  if (!filter.actor.empty()) narrow("actor = ?", filter.actor);
  if (!filter.action.empty()) narrow("action = ?", filter.action);
  if (!filter.outcome.empty()) narrow("outcome = ?", filter.outcome);
  if (filter.from_ms) narrow("time_ms >= ?", *filter.from_ms);
  if (filter.to_ms) narrow("time_ms < ?", *filter.to_ms);
  if (!request.after.empty()) narrow("sequence < ?", sequence_of(filter.tenant, request.after));
  parameters.emplace_back(std::int64_t{page_size(request)} + 1);
  std::vector<security::AuditRecord> items;
  for (const auto& row : session_.query(kSelectRecord + where + " ORDER BY sequence DESC LIMIT ?", parameters)) {
    items.push_back(read_record(row));
  }
  return cut_page(std::move(items), request, [](const auto& item) { return std::vector{item.hash}; });
}

std::int64_t AuditLog::sequence_of(const std::optional<std::string>& tenant, const std::string& cursor) {
  std::string sql = "SELECT sequence FROM audit_log WHERE hash = ?";
  std::vector<Value> parameters{decode_cursor(cursor, 1).front()};
  if (tenant) {
    sql += " AND tenant = ?";
    parameters.emplace_back(*tenant);
  }
  const auto rows = session_.query(sql, parameters);
  if (rows.empty()) {
    throw Error(ErrorCode::kUsage, "The page token is not one that was given out.", {.field = "pageToken"});
  }
  return rows.front().integer(0);
}

void AuditLog::each(const std::function<bool(const security::AuditRecord&)>& visit) {
  // From the lowest number that is there, also below 1: nothing may hide from a verification.
  std::optional<std::int64_t> last;
  for (;;) {
    const auto rows = last
                          ? session_.query(std::string(kSelectRecord) + " WHERE sequence > ? ORDER BY sequence LIMIT ?",
                                           {*last, kPortion})
                          : session_.query(std::string(kSelectRecord) + " ORDER BY sequence LIMIT ?", {kPortion});
    for (const auto& row : rows) {
      if (!visit(read_record(row))) return;
      last = row.integer(0);
    }
    if (static_cast<std::int64_t>(rows.size()) < kPortion) return;
  }
}

}  // namespace millrace::store
