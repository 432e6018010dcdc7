#include "replication/source_catalog.hpp"

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
SELECT a.atthasdef OR a.attidentity <> '', a.attidentity <> '', coalesce(pg_get_expr(d.adbin, d.adrelid), ''),
       c.relfilenode <> c.oid, CASE WHEN a.atthasmissing THEN (a.attmissingval::text::text[])[1] END
FROM pg_attribute root
     JOIN pg_class c ON c.oid = coalesce((SELECT l.relid FROM pg_partition_tree(root.attrelid) l WHERE l.isleaf
                                          ORDER BY l.relid LIMIT 1), root.attrelid)
     JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = root.attname AND NOT a.attisdropped
     LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE root.attrelid = $1::oid AND root.attnum = $2)";

class SourceCatalog : public TableCatalog {
 public:
  explicit SourceCatalog(SourceEndpoint endpoint) : endpoint_(std::move(endpoint)) {}

  std::vector<LiveColumn> columns(Oid relation) override;
  std::optional<ColumnDetail> describe(Oid relation, int attnum) override;

 private:
  template <class Question>
  auto with_connection(Question question) {
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

}  // namespace

std::unique_ptr<TableCatalog> source_catalog(const SourceEndpoint& endpoint) {
  return std::make_unique<SourceCatalog>(endpoint);
}

bool has_ddl_capture(const SourceEndpoint& endpoint, const std::string& capture) {
  postgres::Connection connection(endpoint);
  return !connection
              .query("SELECT 1 FROM pg_event_trigger WHERE evtname = $1 AND evtenabled IN ('O', 'A')",
                     {"millrace_" + capture + "_end"})
              .empty();
}

}  // namespace millrace::replication
