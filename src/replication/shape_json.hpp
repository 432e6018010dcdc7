#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "replication/table_catalog.hpp"
#include "schema/type_mapping.hpp"

namespace millrace::replication {

/// What the source's event trigger told last of a table, while a column of it waits for the Relation message that says
/// whether it is published. The stream does not tell it again after a restart, and the catalog may have gone on.
struct ToldColumns {
  std::vector<LiveColumn> columns;    ///< empty: none waits
  std::optional<std::uint32_t> file;  ///< as in DdlMessage
};

/// A table's shape as the target has it now, with what identifies its rows in the stream. Kept with the table's state
/// on the target: while the engine was away the source's catalog may have gone on, the stream has not.
struct TableShape {
  schema::TablePlan plan;
  std::vector<std::string> key;  ///< source column names, see stream_key()
  int version = 1;               ///< counts schema changes
  ToldColumns told;
  TableFiles files;  ///< at the last look; empty where the source itself tells of rewrites and has no partitions
};

std::string to_json_text(const TableShape& shape);
/// Throws Error kStore when the text is not one that to_json_text wrote.
TableShape parse_shape(const std::string& text);

}  // namespace millrace::replication
