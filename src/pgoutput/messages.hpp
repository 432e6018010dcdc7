#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "support/ids.hpp"
#include "support/mapped_bytes.hpp"

/// Messages of PostgreSQL's logical replication stream (plugin pgoutput, protocol versions 1 to 4): PostgreSQL 18
/// documentation, section "Logical Replication Message Formats". String views point into the decoded buffer.
namespace millrace::pgoutput {

/// Microseconds since 2000-01-01 00:00 UTC, PostgreSQL's TimestampTz.
using PgTime = std::int64_t;

struct Begin {
  Lsn final_lsn;  ///< of the commit record
  PgTime commit_time = 0;
  Xid xid;
};

struct Commit {
  Lsn commit_lsn;
  Lsn end_lsn;  ///< behind the commit record: where streaming goes on
  PgTime commit_time = 0;
};

struct Origin {
  Lsn lsn;
  std::string_view name;
};

struct LogicalMessage {
  bool transactional = false;
  Xid xid;  ///< only inside a streamed block, else 0
  Lsn lsn;
  std::string_view prefix;
  std::string_view content;
};

struct RelationColumn {
  bool key = false;  ///< part of the replica identity
  std::string_view name;
  Oid type;
  std::int32_t modifier = -1;  ///< atttypmod
};

struct Relation {
  Xid xid;  ///< only inside a streamed block
  Oid id;
  std::string_view schema;  ///< empty: pg_catalog
  std::string_view name;
  char replica_identity = 'd';  ///< d, n, f, i
  std::vector<RelationColumn> columns;
};

struct Type {
  Xid xid;
  Oid id;
  std::string_view schema;
  std::string_view name;
};

enum class FieldKind : std::uint8_t {
  kNull,       ///< 'n'; in a key-only old tuple: not sent
  kUnchanged,  ///< 'u': a TOASTed value that the UPDATE did not touch and that was not sent
  kText,       ///< 't'
  kBinary      ///< 'b'
};

struct Field {
  FieldKind kind = FieldKind::kNull;
  std::string_view value;
  /// For a long value that lies in a mapped file: what holds it, see long_fields.hpp. Not part of what it says.
  const MappedBytes* mapped = nullptr;
};

using Tuple = std::vector<Field>;

/// What an old tuple holds. kKey: only the replica identity's columns; the others are kNull and mean "not sent".
enum class OldTuple : std::uint8_t { kNone, kKey, kFull };

struct Insert {
  Xid xid;
  Oid relation;
  Tuple row;
};

struct Update {
  Xid xid;
  Oid relation;
  OldTuple old_kind = OldTuple::kNone;  ///< kNone: the replica identity did not change
  Tuple old;
  Tuple row;
};

struct Delete {
  Xid xid;
  Oid relation;
  OldTuple old_kind = OldTuple::kKey;
  Tuple old;
};

struct Truncate {
  Xid xid;
  bool cascade = false;
  bool restart_identity = false;
  std::vector<Oid> relations;
};

struct StreamStart {
  Xid xid;  ///< the top transaction
  bool first = false;
};
struct StreamStop {};
struct StreamCommit {
  Xid xid;
  Lsn commit_lsn;
  Lsn end_lsn;
  PgTime commit_time = 0;
};
/// A streamed transaction, or when subxid differs one of its subtransactions, was rolled back.
struct StreamAbort {
  Xid xid;
  Xid subxid;
  Lsn abort_lsn;          ///< protocol 4 with streaming = parallel
  PgTime abort_time = 0;  ///< same
};

/// Two-phase messages, protocol 3. `prepare_lsn`/`end_lsn` as in the documentation.
struct BeginPrepare {
  Lsn prepare_lsn;
  Lsn end_lsn;
  PgTime prepare_time = 0;
  Xid xid;
  std::string_view gid;
};
struct Prepare {
  Lsn prepare_lsn;
  Lsn end_lsn;
  PgTime prepare_time = 0;
  Xid xid;
  std::string_view gid;
};
struct CommitPrepared {
  Lsn commit_lsn;
  Lsn end_lsn;
  PgTime commit_time = 0;
  Xid xid;
  std::string_view gid;
};
struct RollbackPrepared {
  Lsn prepare_end_lsn;
  Lsn rollback_end_lsn;
  PgTime prepare_time = 0;
  PgTime rollback_time = 0;
  Xid xid;
  std::string_view gid;
};
struct StreamPrepare {
  Lsn prepare_lsn;
  Lsn end_lsn;
  PgTime prepare_time = 0;
  Xid xid;
  std::string_view gid;
};

using Message = std::variant<Begin, Commit, Origin, LogicalMessage, Relation, Type, Insert, Update, Delete, Truncate,
                             StreamStart, StreamStop, StreamCommit, StreamAbort, BeginPrepare, Prepare, CommitPrepared,
                             RollbackPrepared, StreamPrepare>;

}  // namespace millrace::pgoutput
