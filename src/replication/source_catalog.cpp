#include "replication/source_catalog.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "postgres/catalog.hpp"
#include "postgres/connection.hpp"
#include "postgres/ddl_capture.hpp"
#include "schema/cell_encoder.hpp"
#include "support/error.hpp"

namespace millrace::replication {
namespace {

// A partitioned table has no rows, so no missing values either: its leaves have them, under the same names.
constexpr const char* kDefaultSql = R"(
SELECT a.atthasdef OR a.attidentity <> '' OR y.typdefault IS NOT NULL, a.attidentity <> '',
       coalesce(pg_get_expr(d.adbin, d.adrelid), y.typdefault, ''),
       c.relfilenode <> c.oid, CASE WHEN a.atthasmissing THEN (a.attmissingval::text::text[])[1] END
FROM pg_attribute root
     JOIN pg_class c ON c.oid = coalesce((SELECT l.relid FROM pg_partition_tree(root.attrelid) l WHERE l.isleaf
                                          ORDER BY l.relid LIMIT 1), root.attrelid)
     JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = root.attname AND NOT a.attisdropped
     LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
     LEFT JOIN pg_type y ON y.oid = a.atttypid AND y.typtype = 'd'
WHERE root.attrelid = $1::oid AND root.attnum = $2)";

constexpr const char* kFileNumbersSql = R"(
SELECT r.oid::bigint, l.relid::bigint, c.relfilenode::bigint
FROM unnest($1::oid[]) AS r(oid)
     CROSS JOIN LATERAL (SELECT r.oid UNION SELECT relid::oid FROM pg_partition_tree(r.oid) WHERE isleaf) AS l(relid)
     JOIN pg_class c ON c.oid = l.relid AND c.relkind = 'r')";

// A partition's way up to the table, as its rows in pg_inherits. One that DETACH .. CONCURRENTLY is about to take away
// (from PostgreSQL 14) does not count any more: its row is written anew for that. `age` and `command` are of the newest
// of them, transaction and number within it: since then, rows of the partition are the table's.
constexpr const char* kDownSql = R"(
WITH RECURSIVE down(relid, links, age, command, attached) AS (
  SELECT $1::oid, '', NULL::int, 0::bigint, false
  UNION ALL
  SELECT i.inhrelid, down.links || ' ' || i.xmin::text, least(down.age, age(i.xmin)),
         CASE WHEN down.age < age(i.xmin) THEN down.command
              WHEN down.age = age(i.xmin) THEN greatest(down.command, i.cmin::text::bigint)
              ELSE i.cmin::text::bigint END,
         down.attached OR i.xmin <> a.xmin
  FROM down JOIN pg_inherits i ON i.inhparent = down.relid
       JOIN pg_class c ON c.oid = i.inhrelid AND c.relispartition
       JOIN pg_attribute a ON a.attrelid = i.inhrelid AND a.attnum = -1
  WHERE (to_jsonb(i) ->> 'inhdetachpending') IS DISTINCT FROM 'true'))";

constexpr const char* kNamesSql = R"(
SELECT c.oid::bigint, n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.oid = ANY ($1::oid[]))";

// One statement, for one moment.
constexpr const char* kFilesSql = R"(
SELECT 'file', l.relid::bigint, c.relfilenode::bigint, '', ''
FROM (SELECT $1::oid UNION SELECT relid::oid FROM pg_partition_tree($1::oid) WHERE isleaf) AS l(relid)
     JOIN pg_class c ON c.oid = l.relid AND c.relkind = 'r'
UNION ALL
SELECT 'partition', down.relid::bigint, 0, format('%I.%I', n.nspname, c.relname), down.links
FROM down JOIN pg_class c ON c.oid = down.relid AND c.relkind = 'r' JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE down.links <> ''
UNION ALL
SELECT 'column', a.attnum, a.xmin::text::bigint, md5(a::text || coalesce(pg_get_expr(d.adbin, d.adrelid), '')), ''
FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped)";

constexpr const char* kAttachedSql = R"(
SELECT format('%I.%I', n.nspname, c.relname), (SELECT max(l.xid) FROM unnest(string_to_array(down.links, ' ')) AS l(xid)
       WHERE l.xid <> '' AND age(l.xid::xid) = down.age),
       has_table_privilege(c.oid, 'SELECT') AND has_schema_privilege(n.oid, 'USAGE'), down.command, down.attached
FROM down JOIN pg_class c ON c.oid = down.relid AND c.relkind = 'r' JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE down.relid = ANY ($2::oid[]) AND pg_relation_size(c.oid) > 0
ORDER BY 1)";

class SourceCatalog : public TableCatalog {
 public:
  SourceCatalog(SourceEndpoint endpoint, pipeline::TenantSessions* sessions)
      : endpoint_(std::move(endpoint)), sessions_(sessions) {}

  std::vector<LiveColumn> columns(Oid relation) override;
  std::optional<ColumnDetail> describe(Oid relation, int attnum) override;
  std::map<std::uint32_t, FileNumbers> file_numbers(const std::vector<Oid>& relations) override;
  std::map<std::uint32_t, schema::TableName> names(const std::vector<Oid>& relations) override;
  TableFiles files(Oid relation) override;
  std::vector<std::string> attached_with_rows(Oid relation, const std::vector<std::uint32_t>& leaves) override;

 private:
  template <class Question>
  auto with_connection(Question question) {
    if (sessions_ != nullptr) return sessions_->ask(endpoint_, question);
    if (connection_) {
      try {
        return question(*connection_);
      } catch (const Error& error) {
        connection_.reset();
        if (error.code() != ErrorCode::kSourceUnreachable) throw;
      }
    }
    connection_ = std::make_unique<postgres::Connection>(endpoint_);
    for (const auto& sql : schema::session_settings()) connection_->execute(sql);
    return question(*connection_);
  }

  SourceEndpoint endpoint_;
  pipeline::TenantSessions* sessions_;
  std::unique_ptr<postgres::Connection> connection_;
};

std::vector<LiveColumn> SourceCatalog::columns(Oid relation) {
  return with_connection([&](postgres::Connection& connection) {
    std::vector<LiveColumn> columns;
    const auto shape = postgres::read_table_shape(connection, relation);
    if (!shape) return columns;
    for (const auto& column : shape->columns) {
      columns.push_back({column.attnum, column.name, column.type, column.modifier, column.not_null, column.missing});
    }
    return columns;
  });
}

std::optional<ColumnDetail> SourceCatalog::describe(Oid relation, int attnum) {
  return with_connection([&](postgres::Connection& connection) -> std::optional<ColumnDetail> {
    const auto shape = postgres::read_table_shape(connection, relation);
    if (!shape) return std::nullopt;
    const auto table = postgres::read_tables(connection, {shape->name}).at(0);
    const auto column = std::find_if(table.columns.begin(), table.columns.end(),
                                     [&](const schema::SourceColumn& each) { return each.attnum == attnum; });
    const auto facts = connection.query(kDefaultSql, {std::to_string(relation.value), std::to_string(attnum)});
    if (column == table.columns.end() || facts.empty()) return std::nullopt;
    return ColumnDetail{*column, judge_old_rows({.has_default = facts.boolean(0, 0),
                                                 .identity = facts.boolean(0, 1),
                                                 .expression = facts.text(0, 2),
                                                 .rewritten = facts.boolean(0, 3),
                                                 .missing = facts.rows()[0][4]})};
  });
}

/// As a literal of an array.
std::string array_of(const std::vector<Oid>& relations) {
  std::string list;
  for (const auto relation : relations) list += (list.empty() ? "" : ",") + std::to_string(relation.value);
  return "{" + list + "}";
}

std::map<std::uint32_t, schema::TableName> SourceCatalog::names(const std::vector<Oid>& relations) {
  return with_connection([&](postgres::Connection& connection) {
    std::map<std::uint32_t, schema::TableName> names;
    if (relations.empty()) return names;
    const auto result = connection.query(kNamesSql, {array_of(relations)});
    for (std::size_t row = 0; row < result.size(); ++row) {
      names[static_cast<std::uint32_t>(result.integer(row, 0))] = {std::string(result.text(row, 1)),
                                                                   std::string(result.text(row, 2))};
    }
    return names;
  });
}

std::map<std::uint32_t, FileNumbers> SourceCatalog::file_numbers(const std::vector<Oid>& relations) {
  return with_connection([&](postgres::Connection& connection) {
    std::map<std::uint32_t, FileNumbers> numbers;
    if (relations.empty()) return numbers;
    const auto result = connection.query(kFileNumbersSql, {array_of(relations)});
    for (std::size_t row = 0; row < result.size(); ++row) {
      numbers[static_cast<std::uint32_t>(result.integer(row, 0))][static_cast<std::uint32_t>(result.integer(row, 1))] =
          static_cast<std::uint32_t>(result.integer(row, 2));
    }
    return numbers;
  });
}

TableFiles SourceCatalog::files(Oid relation) {
  return with_connection([&](postgres::Connection& connection) {
    TableFiles files;
    const auto result = connection.query(kDownSql + std::string(kFilesSql), {std::to_string(relation.value)});
    for (std::size_t row = 0; row < result.size(); ++row) {
      const auto number = static_cast<std::uint32_t>(result.integer(row, 2));
      if (result.text(row, 0) == "file") {
        files.numbers[static_cast<std::uint32_t>(result.integer(row, 1))] = number;
      } else if (result.text(row, 0) == "partition") {
        files.partitions[static_cast<std::uint32_t>(result.integer(row, 1))] = {std::string(result.text(row, 3)),
                                                                                std::string(result.text(row, 4))};
      } else {
        files.columns[static_cast<int>(result.integer(row, 1))] = {number, result.text(row, 3)};
      }
    }
    return files;
  });
}

// Rows that were written through the table came behind the attaching, and are in the stream; a row's age tells them
// from those that were there before, and within one transaction the number of the command that wrote it.
constexpr const char* kOlderRowSql =
    "SELECT EXISTS (SELECT 1 FROM ONLY {} WHERE age(xmin) > age($1::text::xid) OR (xmin = $1::text::xid AND "
    "cmin::text::bigint < $2::bigint))";
// Of a partition that is as old as its place in the table, which hardly any partition is not: the transaction that made
// it wrote its rows, if any, to the first pages, and the others need no look.
constexpr const char* kOwnRowSql =
    "SELECT EXISTS (SELECT 1 FROM ONLY {} WHERE ctid < '(1024,0)'::tid AND xmin = $1::text::xid AND "
    "cmin::text::bigint < $2::bigint)";

std::vector<std::string> SourceCatalog::attached_with_rows(Oid relation, const std::vector<std::uint32_t>& leaves) {
  return with_connection([&](postgres::Connection& connection) {
    std::vector<std::string> names;
    std::vector<Oid> oids;
    for (const auto leaf : leaves) oids.push_back({leaf});
    const auto attached =
        connection.query(kDownSql + std::string(kAttachedSql), {std::to_string(relation.value), array_of(oids)});
    for (std::size_t row = 0; row < attached.size(); ++row) {
      const std::string name(attached.text(row, 0));
      const bool readable = attached.boolean(row, 2);
      const bool older = attached.boolean(row, 4);
      if (!readable) {
        if (older) names.push_back(name);
        continue;
      }
      const auto question = fmt::format(fmt::runtime(older ? kOlderRowSql : kOwnRowSql), name);
      const auto found =
          connection.query(question, {std::string(attached.text(row, 1)), std::string(attached.text(row, 3))});
      if (found.boolean(0, 0)) names.push_back(name);
    }
    return names;
  });
}

}  // namespace

std::unique_ptr<TableCatalog> source_catalog(const SourceEndpoint& endpoint, pipeline::TenantSessions* sessions) {
  return std::make_unique<SourceCatalog>(endpoint, sessions);
}

CaptureFacts read_ddl_capture(const SourceEndpoint& endpoint, const std::string& capture) {
  postgres::Connection connection(endpoint);
  const auto found = connection.query(
      "SELECT coalesce(bool_or(evtname = $1), false), coalesce(bool_or(evtname = $2), false) FROM pg_event_trigger "
      "WHERE evtname IN ($1, $2) AND evtenabled IN ('O', 'A')",
      {"millrace_" + capture + "_end", "millrace_" + capture + "_rewrite"});
  return {.changes = found.boolean(0, 0), .rewrites = found.boolean(0, 1)};
}

}  // namespace millrace::replication
