#pragma once

#include <optional>
#include <string>
#include <vector>

#include "replication/batch.hpp"

namespace millrace::replication {

/// A carried table whose source has another name now.
struct TableRename {
  Table table;               ///< as it was carried until now
  schema::TableName source;  ///< the name now
  std::optional<std::string>
      target;            ///< the target table's name from now on, in the schema that it is in; none: it stays
  bool ignored = false;  ///< by the policy: told as such
};

/// The number of the THROW that means: the target table cannot take its new name.
inline constexpr int kRenameRefused = 51016;

/// Renames the target tables, and the tables in the pipeline's state and quarantine, for the transaction that the
/// rename belongs to; all at once, so that tables may exchange names. The last step of each tells of it. The shapes are
/// the caller's to save behind these. Pure.
std::vector<TargetStep> rename_steps(const std::string& pipeline, const std::vector<TableRename>& renames);

/// The shape under the new names. `version`: behind that of every table of the pipeline, since a stage's name is made
/// of the source's name and the version, and another table may have had the name.
TableShape renamed_shape(const TableRename& rename, int version);

}  // namespace millrace::replication
