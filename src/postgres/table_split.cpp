#include "postgres/copy_reader.hpp"

#include <algorithm>

namespace millrace::postgres {
namespace {

constexpr int kTidRangeScans = 140000;

/// A relation that holds rows itself.
struct Heap {
  schema::TableName name;
  std::int64_t blocks = 0;
  bool ranges = false;
};

// By oid, so that a leaf in a schema without USAGE is found too. Sizes are read from the files, as pg_class.relpages is
// as old as the last VACUUM.
constexpr const char* kHeapsSql = R"(
WITH RECURSIVE tree AS (
  SELECT c.oid, c.relkind FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind IN ('r', 'p', 'f', 'v', 'm')
  UNION ALL
  SELECT c.oid, c.relkind FROM tree t JOIN pg_inherits i ON i.inhparent = t.oid JOIN pg_class c ON c.oid = i.inhrelid
  WHERE t.relkind = 'p')
SELECT n.nspname, c.relname, c.relkind, coalesce(a.amname, '') = 'heap',
       CASE WHEN c.relkind IN ('r', 'm')
            THEN pg_relation_size(c.oid) / current_setting('block_size')::bigint ELSE 0 END
FROM tree t JOIN pg_class c ON c.oid = t.oid JOIN pg_namespace n ON n.oid = c.relnamespace
     LEFT JOIN pg_am a ON a.oid = c.relam
ORDER BY 1, 2)";

std::vector<Heap> read_heaps(Connection& connection, const schema::TableName& table) {
  const auto result = connection.query(kHeapsSql, {table.schema, table.name});
  if (result.empty()) throw Error(ErrorCode::kTableNotFound, "The table " + table.to_string() + " does not exist.");
  std::vector<Heap> heaps;
  for (std::size_t row = 0; row < result.size(); ++row) {
    if (result.text(row, 2) == "p") continue;
    heaps.push_back({.name = {result.text(row, 0), result.text(row, 1)},
                     .blocks = result.rows()[row][4] ? result.integer(row, 4) : 0,
                     .ranges = result.boolean(row, 3) && connection.server_version() >= kTidRangeScans});
  }
  return heaps;
}

void split_heap(const Heap& heap, std::int64_t blocks_a_part, std::vector<TablePart>& parts) {
  const std::int64_t count = heap.ranges ? std::max<std::int64_t>(1, heap.blocks / blocks_a_part) : 1;
  for (std::int64_t i = 0; i < count; ++i) {
    TablePart part{.relation = heap.name, .blocks = {}, .whole = count == 1};
    part.blocks.first = static_cast<std::uint32_t>(heap.blocks * i / count);
    if (i + 1 < count) part.blocks.end = static_cast<std::uint32_t>(heap.blocks * (i + 1) / count);
    parts.push_back(std::move(part));
  }
}

std::string tid(std::uint32_t block) {
  return "'(" + std::to_string(block) + ",0)'::pg_catalog.tid";
}

}  // namespace

std::vector<TablePart> split_table(Connection& connection, const schema::TableName& table, int parts,
                                   std::uint32_t min_blocks) {
  const auto heaps = read_heaps(connection, table);
  std::int64_t blocks = 0;
  for (const auto& heap : heaps) blocks += heap.blocks;
  const std::int64_t wanted = std::max(1, parts);
  const std::int64_t blocks_a_part = std::max({std::int64_t{1}, std::int64_t{min_blocks}, blocks / wanted});
  std::vector<TablePart> split;
  for (const auto& heap : heaps) split_heap(heap, blocks_a_part, split);
  return split;
}

std::string copy_sql(const TablePart& part, const std::vector<std::string>& expressions, bool only_this_relation) {
  std::string sql = "COPY (SELECT ";
  for (std::size_t i = 0; i < expressions.size(); ++i) sql += (i == 0 ? "" : ", ") + expressions[i];
  sql += std::string(" FROM ") + (only_this_relation ? "ONLY " : "") + schema::quote_pg(part.relation);
  const char* joint = " WHERE ";
  if (!part.whole && part.blocks.first > 0) {
    sql += joint + ("ctid >= " + tid(part.blocks.first));
    joint = " AND ";
  }
  if (!part.whole && part.blocks.end) {
    sql += joint + ("ctid < " + tid(*part.blocks.end));
    joint = " AND ";
  }
  if (!part.where.empty()) sql += joint + ("(" + part.where + ")");
  return sql + ") TO STDOUT (FORMAT binary)";
}

}  // namespace millrace::postgres
