#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pgoutput/messages.hpp"
#include "postgres/connection.hpp"
#include "replication/table_binding.hpp"

namespace millrace::replication {

/// A row of the source as it is now, in text as the stream would send it.
struct SourceRow {
  std::string version;                             ///< changes with every write of the row
  std::vector<std::optional<std::string>> values;  ///< in the binding's column order

  /// Views of the values.
  pgoutput::Tuple fields() const;
};

/// Finds single rows of a table with a key on the source, by keys in the form of key_text() (stage_rows.hpp).
/// The connection must have schema::session_settings(). Not thread-safe.
class SourceRowFinder {
 public:
  SourceRowFinder(postgres::Connection& source, const TableBinding& table) : source_(source), table_(table) {}

  /// The key's values in PostgreSQL's text, in key order. Nothing: the text does not lead back to one key for sure.
  std::optional<std::vector<std::string>> key_of(const std::string& key_text);
  /// Nothing: there is no such row. Throws what the connection throws.
  std::optional<SourceRow> find(const std::vector<std::string>& key);

 private:
  std::vector<std::string> split(const std::string& key_text) const;

  postgres::Connection& source_;
  const TableBinding& table_;
};

/// Text values as fields of kText, NULLs as kNull. The views live as long as the texts.
pgoutput::Tuple text_fields(const std::vector<std::string>& values);

}  // namespace millrace::replication
