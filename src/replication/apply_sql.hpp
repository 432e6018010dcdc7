#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "replication/net_changes.hpp"
#include "replication/table_binding.hpp"

namespace millrace::replication {

/// Rows of a stage by their place in the batch, both ends included; whole stage when absent.
struct SeqRange {
  std::int64_t first = 0;
  std::int64_t last = -1;
  bool all() const { return last < first; }
};

/// T-SQL with '?' marks and their values, for SQL Server 2017 and later; set-based, no MERGE
/// (docs/decisions/0007-apply-without-merge.md). What differs from batch to batch are the values alone, so that the
/// server finds its plans again.
struct Sql {
  std::string text;
  std::vector<std::optional<std::string>> values;

  Sql& operator+=(const Sql& more);
};

using Masks = std::vector<std::vector<bool>>;

/// DELETE of the rows named by o1.. for the given operations (kDelete and kReplace).
Sql delete_sql(const TableBinding& table, const std::vector<NetOp>& ops, SeqRange range = {});
/// UPDATE by o1.. of every column that is no key; columns of a mask keep the target's value. kMove sets the key too.
Sql update_sql(const TableBinding& table, NetOp op, const Masks& masks, SeqRange range = {});
/// Both kinds in one statement, which sets the key: rows may exchange their keys and other unique values.
Sql update_all_sql(const TableBinding& table, const Masks& masks, SeqRange range = {});
/// INSERT .. SELECT (kInsert and kReplace).
Sql insert_sql(const TableBinding& table, const std::vector<NetOp>& ops, SeqRange range = {});
/// DELETE of ONE row that equals the stage's row `seq` in every column, byte for byte: for tables without key.
Sql delete_whole_row_sql(const TableBinding& table, std::int64_t seq);
/// TRUNCATE TABLE, or DELETE where foreign keys of other tables point at it.
Sql truncate_sql(const schema::TableName& target, bool referenced);

/// IF @@ROWCOUNT <> n THROW: ends the batch when a statement touched more or fewer rows than the changes say.
Sql expect_rows_sql(const TableBinding& table, const char* what, std::int64_t rows);
/// The number of that THROW; its message begins with the table's name.
inline constexpr int kRowsDiffer = 51010;

}  // namespace millrace::replication
