#pragma once

#include <string>
#include <vector>

#include "schema/type_mapping.hpp"

namespace millrace::replication {

/// A table's shape as the target has it now, with what identifies its rows in the stream. Kept with the table's state
/// on the target: while the engine was away the source's catalog may have gone on, the stream has not.
struct TableShape {
  schema::TablePlan plan;
  std::vector<std::string> key;  ///< source column names, see stream_key()
  int version = 1;               ///< counts schema changes
};

std::string to_json_text(const TableShape& shape);
/// Throws Error kStore when the text is not one that to_json_text wrote.
TableShape parse_shape(const std::string& text);

}  // namespace millrace::replication
