#include "store/operations.hpp"

namespace millrace::store {
namespace {

constexpr const char* kSelectOperation =
    "SELECT id, tenant, kind, target, state, actor, process, progress, result, error, cancel_requested, created_ms, "
    "updated_ms, ended_ms FROM operations WHERE tenant = ?";

OperationRecord read_operation(const Row& row) {
  OperationRecord operation{.id = row.text(0), .tenant = row.text(1), .kind = row.text(2)};
  operation.target = row.text(3);
  operation.state = row.text(4);
  operation.actor = row.text(5);
  operation.process = row.text(6);
  operation.progress = row.text(7);
  operation.result = row.text(8);
  operation.error = row.text(9);
  operation.cancel_requested = row.flag(10);
  operation.created_ms = row.integer(11);
  operation.updated_ms = row.integer(12);
  operation.ended_ms = row.optional_integer(13);
  return operation;
}

}  // namespace

void Operations::insert(const OperationRecord& operation) {
  session_.execute(
      "INSERT INTO operations (id, tenant, kind, target, state, actor, process, progress, result, error, "
      "cancel_requested, created_ms, updated_ms, ended_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, NULL)",
      {operation.id, operation.tenant, operation.kind, operation.target, operation.state, operation.actor,
       operation.process, operation.progress, operation.result, operation.error, operation.created_ms,
       operation.created_ms});
}

void Operations::note_progress(const std::string& id, const std::string& progress, std::int64_t now_ms) {
  session_.execute("UPDATE operations SET progress = ?, updated_ms = ? WHERE id = ? AND state = 'running'",
                   {progress, now_ms, id});
}

bool Operations::finish(const std::string& id, const std::string& state, const std::string& result,
                        const std::string& error, std::int64_t now_ms) {
  return session_.execute(
             "UPDATE operations SET state = ?, result = ?, error = ?, updated_ms = ?, ended_ms = ? "
             "WHERE id = ? AND state = 'running'",
             {state, result, error, now_ms, now_ms, id}) > 0;
}

bool Operations::request_cancel(const std::string& tenant, const std::string& id, std::int64_t now_ms) {
  return session_.execute(
             "UPDATE operations SET cancel_requested = 1, updated_ms = ? "
             "WHERE tenant = ? AND id = ? AND state = 'running'",
             {now_ms, tenant, id}) > 0;
}

bool Operations::cancel_requested(const std::string& id) {
  const auto rows = session_.query("SELECT cancel_requested FROM operations WHERE id = ?", {id});
  return !rows.empty() && rows.front().flag(0);
}

std::optional<OperationRecord> Operations::find(const std::string& tenant, const std::string& id) {
  const auto rows = session_.query(std::string(kSelectOperation) + " AND id = ?", {tenant, id});
  if (rows.empty()) return std::nullopt;
  return read_operation(rows.front());
}

PageOf<OperationRecord> Operations::list(const std::string& tenant, const PageRequest& request,
                                         const std::string& target) {
  std::string sql = kSelectOperation;
  std::vector<Value> parameters{tenant};
  if (!target.empty()) {
    sql += " AND target = ?";
    parameters.emplace_back(target);
  }
  if (!request.after.empty()) {
    const auto after = decode_cursor(request.after, 2);
    sql += " AND (created_ms, id) < (?, ?)";
    parameters.emplace_back(cursor_number(after[0]));
    parameters.emplace_back(after[1]);
  }
  parameters.emplace_back(std::int64_t{page_size(request)} + 1);
  std::vector<OperationRecord> items;
  for (const auto& row : session_.query(sql + " ORDER BY created_ms DESC, id DESC LIMIT ?", parameters)) {
    items.push_back(read_operation(row));
  }
  return cut_page(std::move(items), request, [](const auto& item) {
    return std::vector{std::to_string(item.created_ms), item.id};
  });
}

std::int64_t Operations::abandon(const std::string& process, const std::string& error, std::int64_t now_ms) {
  return session_.execute(
      "UPDATE operations SET state = 'failed', error = ?, updated_ms = ?, ended_ms = ? "
      "WHERE process = ? AND state = 'running'",
      {error, now_ms, now_ms, process});
}

std::int64_t Operations::purge(std::int64_t ended_before_ms) {
  return session_.execute("DELETE FROM operations WHERE ended_ms < ?", {ended_before_ms});
}

}  // namespace millrace::store
