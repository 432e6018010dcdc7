#pragma once

#include <map>
#include <string>
#include <unordered_set>

#include "replication/apply_sql.hpp"
#include "replication/poison.hpp"
#include "sqlserver/session.hpp"

namespace millrace::replication {

/// The rows of one pipeline that stand in millrace.quarantine (docs/formats/quarantine.md), known by table and name: a
/// row's name is its key_text, or its row_json in a table without key. Not thread-safe.
class Quarantine {
 public:
  explicit Quarantine(std::string pipeline) : pipeline_(std::move(pipeline)) {}

  /// Reads which rows are there. Throws what the session throws.
  void read(sqlserver::Session& session);
  bool holds(const schema::TableName& source, const std::string& name) const;
  bool any(const schema::TableName& source) const { return names_.contains(source.to_string()); }
  bool empty() const { return names_.empty(); }

  /// The INSERT, for the transaction that the row belongs to.
  Sql insert_sql(const PoisonRow& row) const;
  /// After that transaction's commit.
  void remember(const PoisonRow& row);

 private:
  std::string pipeline_;
  std::map<std::string, std::unordered_set<std::string>> names_;  ///< by source table
};

/// Forgets a table's rows: it is loaded anew.
Sql clear_quarantine_sql(const std::string& pipeline, const schema::TableName& source);

}  // namespace millrace::replication
