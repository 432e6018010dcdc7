#include "replication/stage_tables.hpp"

#include <fmt/format.h>

#include <utility>
#include <vector>

namespace millrace::replication {

using schema::quote_mssql;

sqlserver::BulkSession& StageTables::bulk() {
  if (!bulk_) bulk_ = std::make_unique<sqlserver::BulkSession>(endpoint_);
  return *bulk_;
}

StageRows& StageTables::rows_of(const Table& table) {
  auto& staging = staging_[table.get()];
  if (!staging.rows) staging = {table, std::make_unique<StageRows>(*table)};
  return *staging.rows;
}

std::unique_ptr<sqlserver::BulkWriter> StageTables::open(const Table& table) {
  rows_of(table).clear_masks();
  if (std::exchange(dirty_[table->stage()], true)) {
    // Not TRUNCATE: within a transaction of several pieces the other connection has just read the stage, and a server
    // with row versions may still keep its definition locked. With TABLOCK a heap gives its pages back.
    bulk().execute("DELETE FROM " + quote_mssql(table->stage()) + " WITH (TABLOCK)");
  }
  std::vector<sqlserver::BulkColumn> columns;
  for (auto& column : stage_columns(*table)) columns.push_back({column.name, column.type});
  return std::make_unique<sqlserver::BulkWriter>(bulk(), table->stage(), columns,
                                                 sqlserver::BulkOptions{.in_table_order = true});
}

Sql StageTables::expect_sql(const TableBinding& table, std::int64_t rows) const {
  // One scan of a heap that was just written.
  return {fmt::format("IF (SELECT COUNT_BIG(*) FROM {0}) <> ? OR (SELECT COUNT_BIG(*) FROM {0} WHERE batch = ?) <> ? "
                      "THROW {1}, N'millrace: a stage does not hold its batch', 1;\n",
                      quote_mssql(table.stage()), kStageDiffers),
          {std::to_string(rows), std::to_string(batch_), std::to_string(rows)}};
}

}  // namespace millrace::replication
