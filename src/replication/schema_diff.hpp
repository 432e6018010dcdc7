#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "pgoutput/messages.hpp"
#include "replication/shape_json.hpp"
#include "replication/table_catalog.hpp"

namespace millrace::replication {

enum class ChangeKind {
  kAddColumn,
  kDropColumn,
  kRenameColumn,
  kChangeType,
  kDropNotNull,
  kChangeKey,
  kLeaveOut,  ///< a column came and is gone from the source again: nothing of it is carried
  kForget     ///< a column that is not carried has another name now
};

/// One difference between a table as it is carried and as the stream tells it now.
struct SchemaChange {
  ChangeKind kind = ChangeKind::kAddColumn;
  std::string column;            ///< the source's name as the shape knows it; for kAddColumn the new one
  std::string name;              ///< kRenameColumn, kForget: the name now
  schema::SourceColumn source;   ///< kAddColumn, kChangeType: the column now
  std::vector<std::string> key;  ///< kChangeKey: names now, in the relation's order
};

/// Tells a column's type; asked for types that are not built in. Nothing: the catalog does not know them any more.
using DescribeColumn = std::function<std::optional<schema::SourceColumn>(int attnum)>;

/// What became of a table. The stream is the truth of this moment; `live` (the catalog as it is now, empty when the
/// table is gone) gives the numbers by which a renamed column is told from a dropped and an added one, and only where
/// it agrees with the stream. Changes come in an order in which they can be done: drops, renames, additions, the rest.
/// `judges_names`: a known name that has a number which the shape does not know means that the column was dropped and
/// made anew. False where the catalog may be ahead and the stream will tell of it.
/// Throws Error kSchemaChanged, with the way out, for what cannot be followed, and kRowsUntold where only a load of the
/// table tells what its rows have: what happened to a column cannot be told. Pure but for `describe`.
std::vector<SchemaChange> diff_schema(const TableShape& shape, const pgoutput::Relation& relation,
                                      const std::vector<LiveColumn>& live, const DescribeColumn& describe,
                                      bool judges_names = true);

/// kSchemaChanged for the table, with the way out that always works.
[[noreturn]] void refuse_change(const TableShape& shape, const std::string& column, const std::string& message,
                                const std::string& suggestion = {});

}  // namespace millrace::replication
