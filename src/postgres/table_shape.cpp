#include "postgres/ddl_capture.hpp"

namespace millrace::postgres {
namespace {

// The table's row comes also for a table without columns.
std::string shape_sql(const std::string& condition) {
  return "SELECT c.oid::bigint, n.nspname, c.relname, a.attnum, a.attname, a.atttypid::bigint, a.atttypmod, "
         "format_type(a.atttypid, a.atttypmod), a.attnotnull, "
         "CASE WHEN a.atthasmissing THEN (a.attmissingval::text::text[])[1] END "
         "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
         "LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped "
         "WHERE c.relkind IN ('r', 'p') AND " +
         condition + " ORDER BY a.attnum";
}

std::optional<TableShape> shape_of(const Result& result) {
  if (result.empty()) return std::nullopt;
  TableShape shape{.oid = Oid{static_cast<std::uint32_t>(result.integer(0, 0))},
                   .name = {result.text(0, 1), result.text(0, 2)},
                   .columns = {}};
  for (std::size_t row = 0; row < result.size() && result.rows()[row][3]; ++row) {
    shape.columns.push_back({.attnum = static_cast<int>(result.integer(row, 3)),
                             .name = result.text(row, 4),
                             .type = Oid{static_cast<std::uint32_t>(result.integer(row, 5))},
                             .modifier = static_cast<std::int32_t>(result.integer(row, 6)),
                             .declared = result.text(row, 7),
                             .not_null = result.boolean(row, 8),
                             .missing = result.rows()[row][9]});
  }
  return shape;
}

}  // namespace

std::optional<TableShape> read_table_shape(Connection& connection, Oid oid) {
  return shape_of(connection.query(shape_sql("c.oid = $1::oid"), {std::to_string(oid.value)}));
}

std::optional<TableShape> read_table_shape(Connection& connection, const schema::TableName& name) {
  return shape_of(connection.query(shape_sql("n.nspname = $1 AND c.relname = $2"), {name.schema, name.name}));
}

}  // namespace millrace::postgres
