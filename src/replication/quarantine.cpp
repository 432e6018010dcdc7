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
  // Not DISTINCT: the database's collation may take keys for equal that are not.
  const auto rows = session.query(
      "SELECT source_table, COALESCE(key_text, row_json) FROM [millrace].[quarantine] WHERE pipeline = ?", {pipeline_});
  for (const auto& row : rows) names_[row.at(0).value()].insert(row.at(1).value_or(""));
}

bool Quarantine::holds(const schema::TableName& source, const std::string& name) const {
  const auto found = names_.find(stored_name(source));
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
  names_[stored_name(row.source)].insert(row.key_text.empty() ? row.row_json : row.key_text);
}

Sql clear_quarantine_sql(const std::string& pipeline, const schema::TableName& source) {
  return {
      "DELETE FROM [millrace].[quarantine] WHERE pipeline = ? AND source_table COLLATE Latin1_General_100_BIN2 = ?;",
      {pipeline, stored_name(source)}};
}

}  // namespace millrace::replication
