#include "replication/quarantine_entries.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "sqlserver/session.hpp"
#include "sqlserver/state_tables.hpp"
#include "support/error.hpp"

namespace millrace::replication {
namespace {

/// Opens the state of a pipeline, which an older Millrace may have made.
sqlserver::Session open_state(const TargetEndpoint& target, const std::string& pipeline) {
  sqlserver::Session session(target);
  if (!sqlserver::read_checkpoint(session, pipeline)) {
    throw Error(ErrorCode::kPipelineState, "The target does not know this pipeline.", {.pipeline = pipeline})
        .suggest("It was deleted, or the target's database was replaced: create the pipeline again.");
  }
  sqlserver::ensure_state_schema(session);
  return session;
}

std::vector<std::string> known_tables(sqlserver::Session& session, const std::string& pipeline,
                                      const std::vector<std::string>& words) {
  std::vector<std::string> found;
  const auto states = sqlserver::read_table_states(session, pipeline);
  for (const auto& word : words) {
    const auto before = found.size();
    for (const auto& state : states) {
      if (word == state.source.name || word == state.source.to_string()) found.push_back(state.source.to_string());
    }
    if (found.size() > before) continue;
    throw Error(ErrorCode::kTableNotFound, "The pipeline has no table " + word + ".",
                {.pipeline = pipeline, .table = word})
        .suggest("`millrace status` lists its tables.");
  }
  return found;
}

Sql where(sqlserver::Session& session, const std::string& pipeline, const QuarantineFilter& filter) {
  Sql sql{" WHERE pipeline = ?", {pipeline}};
  if (!filter.discarded) sql.text += " AND discarded_at IS NULL";
  if (filter.after > 0) sql.text += fmt::format(" AND id > {}", filter.after);
  if (!filter.tables.empty()) {
    std::string marks;
    for (auto& table : known_tables(session, pipeline, filter.tables)) {
      marks += marks.empty() ? "?" : ", ?";
      sql.values.emplace_back(std::move(table));
    }
    sql.text += " AND source_table COLLATE Latin1_General_100_BIN2 IN (" + marks + ")";
  }
  if (!filter.ids.empty()) {
    std::string ids;
    for (const auto id : filter.ids) ids += fmt::format("{}{}", ids.empty() ? "" : ", ", id);
    sql.text += " AND id IN (" + ids + ")";
  }
  return sql;
}

std::optional<std::int64_t> milliseconds(const std::optional<std::string>& text) {
  return text ? std::optional<std::int64_t>(std::stoll(*text)) : std::nullopt;
}

}  // namespace

std::vector<QuarantineEntry> read_quarantine(const TargetEndpoint& target, const std::string& pipeline,
                                             const QuarantineFilter& filter) {
  auto session = open_state(target, pipeline);
  const auto condition = where(session, pipeline, filter);
  const auto top = filter.most > 0 ? fmt::format("TOP ({}) ", filter.most) : std::string();
  const auto rows = session.query(
      "SELECT " + top +
          "id, source_table, target_table, op, lsn, DATEDIFF_BIG(millisecond, '1970-01-01', commit_time), key_text, "
          "row_json, reason, DATEDIFF_BIG(millisecond, '1970-01-01', created_at), DATEDIFF_BIG(millisecond, "
          "'1970-01-01', discarded_at) FROM [millrace].[quarantine]" +
          condition.text + " ORDER BY id",
      condition.values);
  std::vector<QuarantineEntry> entries;
  for (const auto& row : rows) {
    entries.push_back({.id = std::stoll(row.at(0).value()),
                       .source = row.at(1).value(),
                       .target = row.at(2).value(),
                       .op = row.at(3).value(),
                       .lsn = Lsn(static_cast<std::uint64_t>(std::stoll(row.at(4).value()))),
                       .commit_ms = milliseconds(row.at(5)),
                       .key_text = row.at(6).value_or(""),
                       .row_json = row.at(7).value_or(""),
                       .reason = row.at(8).value(),
                       .created_ms = std::stoll(row.at(9).value()),
                       .discarded_ms = milliseconds(row.at(10))});
  }
  return entries;
}

std::int64_t discard_quarantined(const TargetEndpoint& target, const std::string& pipeline,
                                 const QuarantineFilter& filter) {
  auto session = open_state(target, pipeline);
  auto wanted = filter;
  wanted.discarded = false;
  const auto condition = where(session, pipeline, wanted);
  session.execute("BEGIN TRANSACTION;");
  try {
    const auto marked = session.execute(
        "UPDATE [millrace].[quarantine] SET discarded_at = SYSUTCDATETIME()" + condition.text, condition.values);
    if (marked > 0) {
      std::string which;
      for (const auto& table : filter.tables) which += (which.empty() ? " of " : ", ") + table;
      const auto event =
          record_event_sql(pipeline, "quarantine.discarded", "info", "",
                           fmt::format("{} row(s){} in millrace.quarantine were discarded", marked, which));
      session.execute(event.text, event.values);
    }
    session.execute("COMMIT TRANSACTION;");
    return marked;
  } catch (...) {
    session.rollback_quietly();
    throw;
  }
}

Sql record_event_sql(const std::string& pipeline, const std::string& kind, const std::string& severity,
                     const std::string& table, const std::string& message) {
  return {
      "INSERT INTO [millrace].[events] (pipeline, at, kind, severity, table_name, message, lsn) VALUES (?, "
      "SYSUTCDATETIME(), ?, ?, ?, ?, NULL);",
      {pipeline, kind, severity, table.empty() ? std::nullopt : std::optional(table), message}};
}

}  // namespace millrace::replication
