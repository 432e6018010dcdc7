#include "postgres/catalog.hpp"

#include <algorithm>
#include <map>

#include "postgres/array_text.hpp"
#include "postgres/server_facts.hpp"
#include "schema/type_mapping.hpp"

namespace millrace::postgres {
namespace {

using schema::ReplicaIdentity;
using schema::SourceColumn;
using schema::SourceTable;
using schema::TableName;
using schema::TypeKind;

/// varlena modifiers carry their four header bytes (PostgreSQL source, VARHDRSZ).
constexpr int kModifierHeader = 4;

TypeKind type_kind(const std::string& typtype) {
  if (typtype == "e") return TypeKind::kEnum;
  if (typtype == "c") return TypeKind::kComposite;
  if (typtype == "r") return TypeKind::kRange;
  if (typtype == "m") return TypeKind::kMultirange;
  if (typtype == "p") return TypeKind::kPseudo;
  return TypeKind::kBase;
}

void apply_modifier(schema::SourceType& type, int modifier) {
  if (modifier < 0) return;
  if (type.name == "varchar" || type.name == "bpchar") {
    type.length = modifier - kModifierHeader;
  } else if (type.name == "bit" || type.name == "varbit") {
    type.length = modifier;
  } else if (type.name == "numeric") {
    const int packed = modifier - kModifierHeader;
    type.precision = (packed >> 16) & 0xFFFF;
    // Eleven bits, signed since PostgreSQL 15 (numeric_typmod_scale).
    type.scale = ((packed & 0x7FF) ^ 1024) - 1024;
  } else if (type.name == "time" || type.name == "timetz" || type.name == "timestamp" || type.name == "timestamptz") {
    type.precision = modifier;
  }
}

ReplicaIdentity replica_identity(const std::string& letter) {
  if (letter == "n") return ReplicaIdentity::kNothing;
  if (letter == "f") return ReplicaIdentity::kFull;
  if (letter == "i") return ReplicaIdentity::kIndex;
  return ReplicaIdentity::kDefault;
}

/// SQL for the UTF-16 units of a text: characters, and one more for each beyond the basic plane. An encoding other than
/// UTF8 refuses the escapes of the range; there every character is counted twice, which is never too little.
std::string utf16_units(const Connection& connection, const std::string& text) {
  if (!connection.utf8()) return "(2 * char_length(" + text + "))";
  return "(char_length(" + text + ") + char_length(regexp_replace(" + text + ", U&'[\\0001-\\FFFF]', '', 'g')))";
}

// All by oid: what looks up names needs USAGE on the schema, and preflight reads tables before that is given.
// Domains are followed down to their base type; a domain's own modifier is the one that counts.
// Each query below reads all tables at once: a source may have ten thousand.
constexpr const char* kColumnsSql = R"(
WITH RECURSIVE base AS (
  SELECT a.attrelid, a.attnum, t.oid, t.typtype, t.typbasetype, a.atttypmod AS modifier, ''::text AS domain
  FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
  WHERE a.attrelid = ANY ($1::oid[]) AND a.attnum > 0 AND NOT a.attisdropped
  UNION ALL
  SELECT b.attrelid, b.attnum, t.oid, t.typtype, t.typbasetype,
         CASE WHEN b.modifier >= 0 THEN b.modifier ELSE d.typtypmod END,
         CASE WHEN b.domain = '' THEN (dn.nspname || '.' || d.typname) COLLATE "default" ELSE b.domain END
  FROM base b JOIN pg_type d ON d.oid = b.oid JOIN pg_namespace dn ON dn.oid = d.typnamespace
       JOIN pg_type t ON t.oid = d.typbasetype
  WHERE b.typtype = 'd')
SELECT a.attrelid, a.attnum, a.attname, a.attnotnull OR bool_dom.not_null, a.attidentity <> '' OR EXISTS (
         SELECT 1 FROM pg_depend d JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S'
         WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.deptype = 'a'
           AND d.refobjid = a.attrelid AND d.refobjsubid = a.attnum),
       a.attgenerated, t.oid, coalesce(en.nspname, tn.nspname), coalesce(e.typname, t.typname),
       coalesce(e.typtype, t.typtype), e.oid IS NOT NULL, b.modifier, b.domain, format_type(a.atttypid, a.atttypmod),
       a.attstorage <> 'p',
       coalesce((SELECT max({label_units}) FROM pg_enum x WHERE x.enumtypid = t.oid), 0)
FROM base b JOIN pg_attribute a ON a.attrelid = b.attrelid AND a.attnum = b.attnum
     JOIN pg_type t ON t.oid = b.oid JOIN pg_namespace tn ON tn.oid = t.typnamespace
     LEFT JOIN pg_type e ON e.oid = t.typelem AND t.typcategory = 'A'
     LEFT JOIN pg_namespace en ON en.oid = e.typnamespace
     CROSS JOIN LATERAL (SELECT EXISTS (SELECT 1 FROM pg_type d WHERE d.oid = a.atttypid AND d.typnotnull)) bool_dom(not_null)
WHERE b.typtype <> 'd' ORDER BY a.attrelid, a.attnum)";

using ColumnsByTable = std::map<Oid, std::vector<SourceColumn>>;
/// Composite types that were met before: a type may be that of many columns.
using KnownTypes = std::map<Oid, std::vector<schema::SourceAttribute>>;

Oid oid_at(const Result& result, std::size_t row, std::size_t column) {
  return Oid{static_cast<std::uint32_t>(result.integer(row, column))};
}

const std::vector<schema::SourceAttribute>& read_attributes(Connection& connection, Oid type, KnownTypes& known);

ColumnsByTable read_columns(Connection& connection, const std::vector<Oid>& relations, KnownTypes& known) {
  constexpr std::string_view kPlace = "{label_units}";
  std::string sql = kColumnsSql;
  sql.replace(sql.find(kPlace), kPlace.size(), utf16_units(connection, "x.enumlabel::text"));
  const auto result = connection.query(sql, {array_text(relations)});
  ColumnsByTable columns;
  for (std::size_t row = 0; row < result.size(); ++row) {
    SourceColumn column{.attnum = static_cast<int>(result.integer(row, 1)),
                        .name = result.text(row, 2),
                        .not_null = result.boolean(row, 3),
                        .identity = result.boolean(row, 4)};
    const auto& generated = result.text(row, 5);
    if (generated == "s") column.generated = schema::Generated::kStored;
    if (generated == "v") column.generated = schema::Generated::kVirtual;
    auto& type = column.type;
    type.oid = oid_at(result, row, 6);
    type.schema = result.text(row, 7);
    type.name = result.text(row, 8);
    type.kind = type_kind(result.text(row, 9));
    type.is_array = result.boolean(row, 10);
    apply_modifier(type, static_cast<int>(result.integer(row, 11)));
    type.domain = result.text(row, 12);
    type.declared = result.text(row, 13);
    column.toastable = result.boolean(row, 14);
    type.longest_label = static_cast<int>(result.integer(row, 15));
    if (type.kind == TypeKind::kComposite) type.attributes = read_attributes(connection, type.oid, known);
    columns[oid_at(result, row, 0)].push_back(std::move(column));
  }
  return columns;
}

/// The attributes of a composite type, or of an array type's elements: the columns of the relation behind it. A type
/// cannot hold itself, so this ends.
const std::vector<schema::SourceAttribute>& read_attributes(Connection& connection, Oid type, KnownTypes& known) {
  if (const auto found = known.find(type); found != known.end()) return found->second;
  const auto relation = connection.query(
      "SELECT coalesce(e.typrelid, t.typrelid) FROM pg_type t "
      "LEFT JOIN pg_type e ON e.oid = t.typelem AND t.typcategory = 'A' WHERE t.oid = $1::oid",
      {std::to_string(type.value)});
  std::vector<schema::SourceAttribute> attributes;
  if (!relation.empty()) {
    for (auto& [oid, columns] : read_columns(connection, {oid_at(relation, 0, 0)}, known)) {
      for (auto& column : columns) attributes.push_back({std::move(column.name), std::move(column.type)});
    }
  }
  return known[type] = std::move(attributes);
}

// A unique index can be a replica identity when it is not partial, not deferrable, over plain NOT NULL columns.
// One row per index column; column name NULL for an expression.
constexpr const char* kIndexesSql = R"(
SELECT i.indrelid, c.relname, i.indisprimary,
       i.indpred IS NULL AND i.indexprs IS NULL AND i.indimmediate AND i.indisvalid, a.attname,
       coalesce(a.attnotnull, false), i.indisreplident
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
     CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY k(attnum, n)
     LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum AND k.attnum > 0
WHERE i.indrelid = ANY ($1::oid[]) AND i.indisunique AND k.n <= i.indnkeyatts
ORDER BY i.indrelid, i.indisprimary DESC, c.relname, k.n)";

using TablesByOid = std::map<Oid, SourceTable*>;

std::vector<Oid> oids_of(const TablesByOid& tables) {
  std::vector<Oid> oids;
  for (const auto& [oid, table] : tables) oids.push_back(oid);
  return oids;
}

void read_indexes(Connection& connection, const TablesByOid& tables) {
  const auto result = connection.query(kIndexesSql, {array_text(oids_of(tables))});
  for (std::size_t row = 0; row < result.size(); ++row) {
    SourceTable& table = *tables.at(oid_at(result, row, 0));
    const auto column = result.rows()[row][4].value_or("");
    if (result.boolean(row, 2)) {
      table.primary_key.push_back(column);
      continue;
    }
    const auto& name = result.text(row, 1);
    if (table.unique_indexes.empty() || table.unique_indexes.back().name != name) {
      table.unique_indexes.push_back(
          {.name = name, .all_not_null = true, .usable_as_identity = result.boolean(row, 3)});
    }
    auto& index = table.unique_indexes.back();
    index.columns.push_back(column);
    index.all_not_null = index.all_not_null && result.boolean(row, 5);
    index.usable_as_identity = index.usable_as_identity && index.all_not_null;
    if (result.boolean(row, 6)) table.replica_identity_index = name;
  }
}

/// A partitioned table holds nothing itself, and autovacuum never counts its rows: its leaves tell both.
void read_partitions(Connection& connection, const TablesByOid& tables) {
  TablesByOid roots;
  for (const auto& [oid, table] : tables) {
    if (table->partitioned) roots[oid] = table;
  }
  if (roots.empty()) return;
  for (const auto& [oid, table] : roots) table->estimated_rows = 0;
  const auto result = connection.query(
      "SELECT r.oid, n.nspname, c.relname, c.relreplident, c.reltuples::bigint, coalesce(pg_table_size(c.oid), 0), "
      "c.relpersistence <> 'p', "
      "coalesce((SELECT ic.relname FROM pg_index i JOIN pg_class ic ON ic.oid = i.indexrelid "
      "WHERE i.indrelid = c.oid AND i.indisreplident), '') "
      "FROM unnest($1::oid[]) r(oid) CROSS JOIN LATERAL pg_partition_tree(r.oid::regclass) t "
      "JOIN pg_class c ON c.oid = t.relid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE t.isleaf "
      "ORDER BY r.oid, 2, 3",
      {array_text(oids_of(roots))});
  for (std::size_t row = 0; row < result.size(); ++row) {
    SourceTable& table = *roots.at(oid_at(result, row, 0));
    const auto rows = result.integer(row, 4);
    const bool counted = rows >= 0 && table.estimated_rows >= 0;
    table.estimated_rows = counted ? table.estimated_rows + rows : -1;
    table.bytes += result.integer(row, 5);
    table.unlogged = table.unlogged || result.boolean(row, 6);
    table.partitions.push_back(
        {{result.text(row, 1), result.text(row, 2)}, replica_identity(result.text(row, 3)), result.text(row, 7)});
  }
}

/// Those of the named tables that are there, in the order given, without columns, indexes and partitions.
std::vector<SourceTable> read_heads(Connection& connection, const std::vector<TableName>& names) {
  std::vector<std::string> schemas;
  std::vector<std::string> tables;
  for (const auto& name : names) {
    schemas.push_back(name.schema);
    tables.push_back(name.name);
  }
  const auto result = connection.query(
      "SELECT c.oid, n.nspname, c.relname, c.relkind = 'p', c.relispartition, c.relpersistence <> 'p', c.relreplident, "
      "pg_get_userbyid(c.relowner), c.reltuples::bigint, "
      "CASE WHEN c.relkind = 'p' THEN 0 ELSE coalesce(pg_table_size(c.oid), 0) END, row_security_active(c.oid) "
      "FROM unnest($1::text[], $2::text[]) WITH ORDINALITY wanted(schema, name, n) "
      "JOIN pg_namespace n ON n.nspname = wanted.schema "
      "JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = wanted.name "
      "WHERE c.relkind IN ('r', 'p') ORDER BY wanted.n",
      {array_text(schemas), array_text(tables)});
  std::vector<SourceTable> heads;
  for (std::size_t row = 0; row < result.size(); ++row) {
    SourceTable table{.oid = oid_at(result, row, 0), .name = {result.text(row, 1), result.text(row, 2)}};
    table.partitioned = result.boolean(row, 3);
    table.partition = result.boolean(row, 4);
    table.unlogged = result.boolean(row, 5);
    table.replica_identity = replica_identity(result.text(row, 6));
    table.owner = result.text(row, 7);
    table.estimated_rows = result.integer(row, 8);
    table.bytes = result.integer(row, 9);
    table.row_security = result.boolean(row, 10);
    heads.push_back(std::move(table));
  }
  return heads;
}

/// What one column's look at the data asks. Each member is one expression over the whole table.
struct Probe {
  const SourceColumn* column;
  std::string integer_digits = "NULL::int";
  std::string scale = "NULL::int";
  std::string utf16_units = "NULL::bigint";
  std::string special = "false";
  std::string before_gregorian = "false";
  bool needed = false;

  std::string list() const {
    return integer_digits + ", " + scale + ", " + utf16_units + ", " + special + ", " + before_gregorian;
  }
};
constexpr std::size_t kProbeColumns = 5;

bool in_key(const SourceTable& table, const SourceColumn& column) {
  return !column.type.is_array &&
         std::find(table.primary_key.begin(), table.primary_key.end(), column.name) != table.primary_key.end();
}

bool text_key(const SourceTable& table, const SourceColumn& column) {
  const auto& name = column.type.name;
  const bool text = name == "text" || name == "varchar" || name == "bpchar" || name == "citext";
  return text && in_key(table, column);
}

bool bytes_key(const SourceTable& table, const SourceColumn& column) {
  return column.type.name == "bytea" && in_key(table, column);
}

std::string any_row(const std::string& condition) {
  return "coalesce(bool_or(" + condition + "), false)";
}

/// The condition under which a value of this type has no place in SQL Server; empty when every value has one.
std::string special_condition(const schema::SourceType& type, const std::string& name) {
  if (type.is_array) return "";
  if (type.name == "float4" || type.name == "float8" || type.name == "numeric") {
    return name + "::text IN ('NaN', 'Infinity', '-Infinity')";
  }
  if (type.name == "date" || type.name == "timestamp" || type.name == "timestamptz") {
    return "NOT isfinite(" + name + ") OR " + name + " < '0001-01-01' OR " + name + " >= '10000-01-01'";
  }
  if (type.name == "time") return name + " = '24:00:00'";
  return "";
}

// trunc() and trim_scale() keep the digits exact.
Probe probe_for(const Connection& connection, const SourceTable& table, const SourceColumn& column) {
  Probe probe{.column = &column};
  const auto name = schema::quote_pg(column.name);
  const auto special = special_condition(column.type, name);
  if (!special.empty()) {
    probe.special = any_row(special);
    probe.needed = true;
  }
  if (schema::typed_by_rows(column.type)) {
    const auto digits = "length(trunc(abs(" + name + "))::text)";
    probe.integer_digits = "max(CASE WHEN NOT (" + special + ") THEN CASE WHEN trunc(abs(" + name +
                           ")) = 0 THEN 0 ELSE " + digits + " END END)";
    probe.scale = "max(CASE WHEN NOT (" + special + ") THEN scale(trim_scale(" + name + ")) END)";
  }
  if (column.type.name == "timestamptz" && !column.type.is_array) {
    probe.before_gregorian = any_row("isfinite(" + name + ") AND " + name + " < '1582-10-15'");
  }
  if (text_key(table, column)) {
    probe.utf16_units = "max(" + utf16_units(connection, name + "::text") + ")";
    probe.needed = true;
  }
  if (bytes_key(table, column)) {
    // Nothing is asked of the values by themselves; still the answer is to be one row.
    probe.special = any_row("false");
    probe.needed = true;
  }
  return probe;
}

/// Whether two rows have keys that SQL Server takes for equal.
bool has_padding_twins(Connection& connection, const SourceTable& table) {
  std::string keys;
  for (const auto& key : table.primary_key) {
    const auto* column = table.find_column(key);
    auto value = schema::quote_pg(key);
    if (column != nullptr && text_key(table, *column)) {
      value = "rtrim(" + value + "::text, ' ') COLLATE \"C\"";
    } else if (column != nullptr && bytes_key(table, *column)) {
      value = "regexp_replace(encode(" + value + ", 'hex'), '(00)+$', '') COLLATE \"C\"";
    }
    keys += (keys.empty() ? "" : ", ") + value;
  }
  return !connection
              .query("SELECT 1 FROM " + schema::quote_pg(table.name) + " GROUP BY " + keys +
                     " HAVING count(*) > 1 LIMIT 1")
              .empty();
}

/// Preflight names the missing right; a look at the data must not end the plan before that.
bool may_read(Connection& connection, const SourceTable& table) {
  return read_table_rights(connection, {table.name}).at(0).select;
}

}  // namespace

std::vector<TableName> list_tables(Connection& connection) {
  const auto result = connection.query(
      "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
      "WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relpersistence <> 't' "
      "AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%' ORDER BY 1, 2");
  std::vector<TableName> tables;
  for (std::size_t row = 0; row < result.size(); ++row) tables.push_back({result.text(row, 0), result.text(row, 1)});
  return tables;
}

std::vector<SourceTable> read_tables_there(Connection& connection, const std::vector<TableName>& names) {
  auto tables = read_heads(connection, names);
  if (tables.empty()) return tables;
  TablesByOid by_oid;
  for (auto& table : tables) by_oid[table.oid] = &table;
  read_partitions(connection, by_oid);
  KnownTypes known;
  for (auto& [oid, columns] : read_columns(connection, oids_of(by_oid), known)) {
    by_oid.at(oid)->columns = std::move(columns);
  }
  read_indexes(connection, by_oid);
  return tables;
}

std::vector<SourceTable> read_tables(Connection& connection, const std::vector<TableName>& names) {
  auto tables = read_tables_there(connection, names);
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i < tables.size() && tables[i].name == names[i]) continue;
    throw Error(ErrorCode::kTableNotFound, "The table " + names[i].to_string() + " is not on the source.",
                {.table = names[i].to_string()});
  }
  return tables;
}

std::map<std::string, schema::ColumnFacts> probe_columns(Connection& connection, const SourceTable& table,
                                                         std::int64_t skip_above_rows) {
  std::map<std::string, schema::ColumnFacts> facts;
  if (table.estimated_rows > skip_above_rows || !may_read(connection, table)) return facts;
  std::vector<Probe> probes;
  std::string list;
  bool padded_key = false;
  for (const auto& column : table.columns) {
    Probe probe = probe_for(connection, table, column);
    if (!probe.needed) continue;
    padded_key = padded_key || text_key(table, column) || bytes_key(table, column);
    list += (list.empty() ? "" : ", ") + probe.list();
    probes.push_back(std::move(probe));
  }
  if (probes.empty()) return facts;
  const auto result = connection.query("SELECT " + list + " FROM " + schema::quote_pg(table.name));
  const auto& row = result.rows().at(0);
  const bool twins = padded_key && has_padding_twins(connection, table);
  for (std::size_t i = 0; i < probes.size(); ++i) {
    const std::size_t at = i * kProbeColumns;
    auto& fact = facts[probes[i].column->name];
    if (row[at]) fact.max_integer_digits = static_cast<int>(result.integer(0, at));
    if (row[at + 1]) fact.max_scale = static_cast<int>(result.integer(0, at + 1));
    if (row[at + 2]) fact.max_utf16_units = result.integer(0, at + 2);
    fact.has_special = result.boolean(0, at + 3);
    fact.before_gregorian = result.boolean(0, at + 4);
    const auto& column = *probes[i].column;
    fact.padding_twins = twins && (text_key(table, column) || bytes_key(table, column));
  }
  return facts;
}

}  // namespace millrace::postgres
