#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "schema/table_name.hpp"
#include "support/ids.hpp"

namespace millrace::schema {

/// pg_type.typtype, seen from a column. Domains are resolved to their base type before.
enum class TypeKind { kBase, kEnum, kComposite, kRange, kMultirange, kPseudo };

struct SourceAttribute;

/// A column's PostgreSQL type, with domains resolved.
struct SourceType {
  Oid oid;             ///< of the base type; of the element's array type when is_array
  std::string schema;  ///< "pg_catalog" for built-in types
  std::string name;    ///< pg_type.typname of the base type: "int4", "varchar", "numeric", "hstore", ...
  TypeKind kind = TypeKind::kBase;
  bool is_array = false;      ///< then name, kind and modifiers describe the element
  std::optional<int> length;  ///< characters of char(n)/varchar(n), bits of bit(n)/varbit(n)
  std::optional<int>
      precision;             ///< numeric(p,s); fractional digits of time and timestamp types; none when not declared
  std::optional<int> scale;  ///< numeric(p,s); PostgreSQL 15 and later: -1000..1000
  int longest_label = 0;     ///< enum: UTF-16 units of the longest label
  std::string domain;        ///< schema.name of the domain when there is one
  std::string declared;      ///< format_type() as PostgreSQL writes it, for people: "character varying(20)"
  std::vector<SourceAttribute> attributes;  ///< composite: in the order of their text
};

/// One attribute of a composite type.
struct SourceAttribute {
  std::string name;
  SourceType type;
};

enum class Generated { kNo, kStored, kVirtual };

struct SourceColumn {
  int attnum = 0;  ///< pg_attribute.attnum, from 1; gaps after DROP COLUMN
  std::string name;
  SourceType type;
  bool not_null = false;
  bool identity = false;  ///< GENERATED AS IDENTITY, or a serial's owned sequence
  Generated generated = Generated::kNo;
  bool toastable = false;  ///< attstorage is not plain and the type is of variable length
};

/// pg_class.relreplident
enum class ReplicaIdentity { kDefault, kNothing, kFull, kIndex };

/// A unique index that could serve as a key.
struct UniqueIndex {
  std::string name;
  std::vector<std::string> columns;
  bool all_not_null = false;
  bool usable_as_identity = false;  ///< unique, not partial, not deferrable, no expressions, all columns NOT NULL
};

/// A leaf of a partitioned table. PostgreSQL logs a row's old state by the leaf's identity, not by the root's, and
/// ALTER TABLE .. REPLICA IDENTITY on the root leaves the leaves as they are.
struct Partition {
  TableName name;
  ReplicaIdentity replica_identity = ReplicaIdentity::kDefault;
  std::string replica_identity_index = {};  ///< when kIndex
};

struct SourceTable {
  Oid oid;
  TableName name;
  bool partitioned = false;  ///< relkind 'p': publish_via_partition_root is needed
  bool partition = false;    ///< is itself a partition of another table
  bool unlogged = false;     ///< unlogged and temporary tables are not in the WAL
  ReplicaIdentity replica_identity = ReplicaIdentity::kDefault;
  std::string replica_identity_index;       ///< when kIndex
  std::vector<SourceColumn> columns;        ///< in attnum order
  std::vector<std::string> primary_key;     ///< column names in key order; empty without primary key
  std::vector<UniqueIndex> unique_indexes;  ///< without the primary key's
  std::string owner;
  std::int64_t estimated_rows = -1;   ///< pg_class.reltuples; -1 when never analyzed
  std::int64_t bytes = 0;             ///< heap and TOAST on disk
  bool row_security = false;          ///< row level security is active for the user, who may see a part only
  std::vector<Partition> partitions;  ///< the leaves, at every depth, of a partitioned table

  const SourceColumn* find_column(std::string_view column) const;
};

/// What a look at the data of one column found; fills in what the catalog cannot tell.
struct ColumnFacts {
  std::optional<int> max_integer_digits;        ///< numeric: digits before the point of the largest value
  std::optional<int> max_scale;                 ///< numeric: digits behind the point
  bool has_special = false;                     ///< NaN, Infinity, 24:00:00, or dates outside 0001-01-01 .. 9999-12-31
  bool before_gregorian = false;                ///< timestamptz: instants before 1582-10-15
  std::optional<std::int64_t> max_utf16_units;  ///< texts in keys: the longest value in UTF-16 units
  /// Texts and bytea in keys: two rows' keys differ only in trailing spaces or zero bytes.
  bool padding_twins = false;
};

}  // namespace millrace::schema
