#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "replication/table_files.hpp"
#include "schema/source_table.hpp"

namespace millrace::replication {

/// What rows that were there before a column came have in it.
struct OldRowsValue {
  enum class Known {
    kNull,
    kValue,    ///< text, in the form of the type's output function
    kUnlogged  ///< each row its own, written by a rewrite of the table: the stream never tells
  } known = Known::kNull;
  std::string text = {};
};

/// A column of pg_attribute, undropped.
struct LiveColumn {
  int attnum = 0;
  std::string name;
  Oid type;
  int modifier = -1;
  bool not_null = false;
  std::optional<std::string> missing;  ///< attmissingval: what rows from before ADD COLUMN .. DEFAULT show
  /// Judged when the column came, by what the source's event trigger told: a default that was set later counts not.
  std::optional<OldRowsValue> old_rows = {};
};

/// A default as pg_attribute and pg_attrdef tell it.
struct DefaultFacts {
  bool has_default = false;  ///< DEFAULT, or GENERATED AS IDENTITY
  bool identity = false;
  std::string expression;
  bool rewritten = false;  ///< the table's file is not its first: a rewrite may have taken the missing value in
  std::optional<std::string> missing;
};

/// ADD COLUMN with a constant (or stable) default keeps its value in attmissingval; one with a volatile default
/// rewrites every row. In doubt kUnlogged. Pure.
OldRowsValue judge_old_rows(const DefaultFacts& facts);

/// A column with all that the mapping asks for.
struct ColumnDetail {
  schema::SourceColumn column;
  OldRowsValue old_rows;
};

/// The source's catalog as it is now, which may be ahead of the stream. Used by one thread.
class TableCatalog {
 public:
  virtual ~TableCatalog() = default;
  /// In attnum order; empty when the table is gone. Throws what the connection throws.
  virtual std::vector<LiveColumn> columns(Oid relation) = 0;
  /// Nothing when table or column is gone.
  virtual std::optional<ColumnDetail> describe(Oid relation, int attnum) = 0;
  /// Of tables by their OID, in one question for all; those that are gone are missing.
  virtual std::map<std::uint32_t, FileNumbers> file_numbers(const std::vector<Oid>& relations) = 0;
  /// Names of tables by their OID, of one moment; those that are gone are missing.
  virtual std::map<std::uint32_t, schema::TableName> names(const std::vector<Oid>& relations) = 0;
  /// The same moment for files, columns and partitions. Empty when the table is gone.
  virtual TableFiles files(Oid relation) = 0;
  /// Names of those leaves of a partitioned table that were tables before they were attached to it, and hold rows from
  /// then, also when both was in one transaction. A leaf that may not be read counts when it holds anything and was
  /// attached by a later one.
  virtual std::vector<std::string> attached_with_rows(Oid relation, const std::vector<std::uint32_t>& leaves) = 0;
};

}  // namespace millrace::replication
