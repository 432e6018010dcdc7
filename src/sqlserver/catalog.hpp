#pragma once

#include <optional>
#include <string>
#include <vector>

#include "schema/target_table.hpp"
#include "sqlserver/session.hpp"

namespace millrace::sqlserver {

/// The table as sys.columns and sys.indexes tell it, or nothing when there is none.
std::optional<schema::TargetTable> read_table(Session& session, const schema::TableName& name);

/// Foreign keys, triggers, unique indexes beside the primary key: what makes out-of-order apply fail.
struct TableObstacles {
  std::vector<std::string> foreign_keys;
  std::vector<std::string> triggers;
  std::vector<std::string> unique_indexes;
  std::int64_t rows = 0;  ///< by sys.partitions, an estimate
};
TableObstacles read_obstacles(Session& session, const schema::TableName& name);

/// COUNT_BIG(*).
std::int64_t count_rows(Session& session, const schema::TableName& name);

}  // namespace millrace::sqlserver
