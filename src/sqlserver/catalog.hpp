#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "schema/target_table.hpp"
#include "sqlserver/session.hpp"

namespace millrace::sqlserver {

/// The table as sys.columns and sys.indexes tell it, or nothing when there is none. A text column's collation is
/// always named, also where it is the database's default.
std::optional<schema::TargetTable> read_table(Session& session, const schema::TableName& name);

/// A type from sys.types' name and sys.columns' numbers: bytes become characters, what the type does not take is
/// left out, numeric is told as decimal. Pure.
schema::TargetType catalog_type(const std::string& name, int max_length, int precision, int scale);

/// A foreign key of another table (or the same one) that points at the table asked about.
struct ReferencingKey {
  schema::TableName table;  ///< where the key is declared
  std::string name;
};

/// Foreign keys, triggers, unique indexes beside the primary key: what makes out-of-order apply fail. Disabled ones
/// are left out.
struct TableObstacles {
  std::vector<std::string> foreign_keys;  ///< declared on this table
  std::vector<std::string> triggers;
  std::vector<std::string> unique_indexes;
  std::int64_t rows = 0;  ///< by sys.partitions, an estimate
  std::vector<ReferencingKey> referencing_keys;
};
TableObstacles read_obstacles(Session& session, const schema::TableName& name);

/// Rows of each table by sys.partitions, in the order of `names`; nothing for a table that is not there or may not be
/// seen. An estimate, which no lock of a load makes wait and no size makes slow. One round trip for some hundred
/// tables.
std::vector<std::optional<std::int64_t>> estimate_rows(Session& session, const std::vector<schema::TableName>& names);

}  // namespace millrace::sqlserver
