#include "replication/quarantine.hpp"

#include <utility>

namespace millrace::replication {
namespace {

/// As millrace.quarantine has it.
std::string stored_name(const schema::TableName& table) {
  return table.to_string();
}

std::optional<std::string> null_if_empty(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

}  // namespace

void Quarantine::read(sqlserver::Session& session) {
  names_.clear();
  const auto rows = session.query(
      "SELECT DISTINCT s.source_schema, s.source_table, COALESCE(q.key_text, q.row_json) FROM [millrace].[quarantine] "
      "AS q INNER JOIN [millrace].[table_state] AS s ON q.pipeline = s.pipeline AND q.source_table = s.source_schema + "
      "N'.' + s.source_table WHERE q.pipeline = ?",
      {pipeline_});
  for (const auto& row : rows) names_[{row.at(0).value(), row.at(1).value()}].insert(row.at(2).value_or(""));
}

bool Quarantine::holds(const schema::TableName& source, const std::string& name) const {
  const auto found = names_.find(source);
  return found != names_.end() && found->second.contains(name);
}

Sql Quarantine::insert_sql(const PoisonRow& row) const {
  constexpr std::int64_t kMicro = 1'000'000;
  const bool timed = row.commit_time != 0;
  // Whole seconds and the rest: DATEADD takes an int, and microseconds since 2000 do not fit one.
  Sql sql{std::string("INSERT INTO [millrace].[quarantine] (pipeline, source_table, target_table, op, lsn, "
                      "commit_time, key_text, row_json, reason, created_at) VALUES (?, ?, ?, ?, CONVERT(bigint, ?), ") +
              (timed ? "DATEADD(microsecond, CONVERT(int, ?), DATEADD(second, CONVERT(int, ?), "
                       "CONVERT(datetime2(6), '2000-01-01')))"
                     : "NULL") +
              ", ?, ?, ?, SYSUTCDATETIME());\n",
          {pipeline_, stored_name(row.source), stored_name(row.target), row.op,
           std::to_string(static_cast<std::int64_t>(row.lsn.value()))}};
  if (timed) {
    sql.values.emplace_back(std::to_string(row.commit_time % kMicro));
    sql.values.emplace_back(std::to_string(row.commit_time / kMicro));
  }
  sql.values.push_back(null_if_empty(row.key_text));
  sql.values.push_back(null_if_empty(row.row_json));
  sql.values.emplace_back(row.reason);
  return sql;
}

void Quarantine::remember(const PoisonRow& row) {
  names_[row.source].insert(row.key_text.empty() ? row.row_json : row.key_text);
}

Sql clear_quarantine_sql(const std::string& pipeline, const schema::TableName& source) {
  return {"DELETE FROM [millrace].[quarantine] WHERE pipeline = ? AND source_table = ?;",
          {pipeline, stored_name(source)}};
}

}  // namespace millrace::replication
