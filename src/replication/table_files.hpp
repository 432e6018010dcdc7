#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace millrace::replication {

/// pg_class.relfilenode of each relation that holds a table's rows, by its OID: of the table, or of its leaves.
using FileNumbers = std::map<std::uint32_t, std::uint32_t>;

/// A column's row in pg_attribute: who wrote it, and what it says.
struct ColumnMark {
  std::uint32_t xmin = 0;
  std::string content;  ///< a hash, the default's expression included
  friend bool operator==(const ColumnMark&, const ColumnMark&) = default;
};

/// A leaf of a partitioned table.
struct PartitionMark {
  std::string name;   ///< quoted, with its schema
  std::string links;  ///< who wrote its way up to the table in pg_inherits: others when it was attached anew
  friend bool operator==(const PartitionMark&, const PartitionMark&) = default;
};

/// What the source's catalog shows of changes that the stream does not tell: rewrites, where no event trigger tells of
/// them, and partitions that come and go. Kept with the table's shape.
struct TableFiles {
  FileNumbers numbers;
  std::map<int, ColumnMark> columns;                  ///< by attnum
  std::map<std::uint32_t, PartitionMark> partitions;  ///< by OID; empty for a table that is not partitioned
  friend bool operator==(const TableFiles&, const TableFiles&) = default;
};

enum class RewriteKind {
  kNone,      ///< the files are the same
  kSame,      ///< other files, every row as it was: VACUUM FULL, CLUSTER, TRUNCATE, another tablespace
  kPossible,  ///< other files, and a column changed: its type by the plain cast, or by USING with other values
  kComputed   ///< other files, no column changed, but one was written anew: ALTER COLUMN .. TYPE, same type, and USING
};

struct RewriteFinding {
  RewriteKind kind = RewriteKind::kNone;
  std::vector<int> columns;  ///< kPossible, kComputed: attnums
};

/// What happened between two looks at a table. ALTER COLUMN .. TYPE writes the column's row in the catalog also when
/// the type stays; what gives a table another file without a look at its columns does not. Of `carried` columns alone.
/// Pure.
RewriteFinding judge_rewrite(const TableFiles& before, const TableFiles& now, const std::vector<int>& carried);

struct PartitionFinding {
  std::vector<std::string> gone;  ///< names of leaves that are the table's no more
  std::vector<std::string>
      replaced;                     ///< that have another file, while others keep theirs: TRUNCATE of one, VACUUM FULL
  std::vector<std::uint32_t> come;  ///< OIDs of leaves that are new, or came again
  friend bool operator==(const PartitionFinding&, const PartitionFinding&) = default;
};

/// What became of the leaves between two looks; nothing when the one before saw none. Pure.
PartitionFinding judge_partitions(const TableFiles& before, const TableFiles& now);

}  // namespace millrace::replication
