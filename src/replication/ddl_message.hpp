#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "replication/table_catalog.hpp"
#include "schema/table_name.hpp"

namespace millrace::replication {

/// A change of a source table as the source's event trigger tells it (postgres/ddl_capture.hpp): the catalog of exactly
/// this moment of the stream.
struct DdlMessage {
  std::string publication;
  std::string command;  ///< "ALTER TABLE"
  Oid oid;
  schema::TableName table;  ///< after the command; dropped: before it
  bool dropped = false;
  bool computed = false;              ///< a rewrite that may have given rows other values; no columns come with it
  bool attached = false;              ///< a partition that held rows was attached; no columns come with it
  std::optional<std::uint32_t> file;  ///< relfilenode after the command; none: not told, or a partitioned table
  std::vector<LiveColumn> columns;    ///< in attnum order; empty for dropped
};

/// Nothing when the content is not such a message: anybody may write messages of any prefix.
std::optional<DdlMessage> parse_ddl_message(std::string_view content);

}  // namespace millrace::replication
