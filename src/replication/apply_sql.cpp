#include "replication/apply_sql.hpp"

#include <fmt/format.h>

#include <utility>

namespace millrace::replication {
namespace {

using schema::quote_mssql;

std::string ops_condition(const std::vector<NetOp>& ops) {
  std::string list;
  for (const auto op : ops) list += fmt::format("{}{}", list.empty() ? "" : ", ", static_cast<int>(op));
  return ops.size() == 1 ? "s.op = " + list : "s.op IN (" + list + ")";
}

/// The statement so far, restricted to the stage's rows that are meant.
Sql where(std::string text, const std::vector<NetOp>& ops, SeqRange range) {
  Sql sql{std::move(text) + " WHERE " + ops_condition(ops), {}};
  if (!range.all()) sql += {" AND s.seq BETWEEN ? AND ?", {std::to_string(range.first), std::to_string(range.last)}};
  sql.text += ';';
  return sql;
}

std::string column_name(const TableBinding& table, std::size_t position) {
  return quote_mssql(table.columns()[position].mapping.target.name);
}

/// SQL Server takes texts for equal that differ in trailing spaces only, and binary values in trailing zero bytes: a
/// change of a key that the target does not hold must not find its twin.
std::string key_join(const TableBinding& table) {
  std::string sql;
  for (std::size_t i = 0; i < table.key().size(); ++i) {
    const auto position = table.key()[i];
    const auto name = column_name(table, position);
    const auto kind = table.columns()[position].kind;
    sql += fmt::format("{}t.{} = s.o{}", i == 0 ? "" : " AND ", name, i + 1);
    if (kind == schema::CellKind::kText || kind == schema::CellKind::kBinary) {
      sql += fmt::format(" AND DATALENGTH(t.{}) = DATALENGTH(s.o{})", name, i + 1);
    }
  }
  return sql;
}

/// c7, or a choice between it and what is there when some rows were sent without it.
std::string new_value(const TableBinding& table, std::size_t position, const Masks& masks) {
  std::string kept;
  for (std::size_t mask = 0; mask < masks.size(); ++mask) {
    if (masks[mask][position]) kept += fmt::format("{}{}", kept.empty() ? "" : ", ", mask);
  }
  const auto sent = fmt::format("s.c{}", position + 1);
  if (kept.empty()) return sent;
  return fmt::format("CASE WHEN s.mask IN ({}) THEN t.{} ELSE {} END", kept, column_name(table, position), sent);
}

/// A value in the form in which equal means the same bytes: collations make texts equal that are not, and floats
/// compare by value. SQL Server takes binary values for equal that differ in trailing zero bytes only, so that a byte
/// is put behind them.
std::string exact(const TableBinding& table, std::size_t position, const std::string& value) {
  const auto kind = table.columns()[position].kind;
  if (kind == schema::CellKind::kText) return "CONVERT(varbinary(max), " + value + ")";
  if (kind == schema::CellKind::kBinary) return "CONVERT(varbinary(max), " + value + ") + 0x01";
  if (kind == schema::CellKind::kFloat) return "CONVERT(varbinary(8), " + value + ")";
  if (kind == schema::CellKind::kReal) return "CONVERT(varbinary(4), " + value + ")";
  return value;
}

/// The key is set where one of the operations changes it.
Sql update_rows_sql(const TableBinding& table, const std::vector<NetOp>& ops, const Masks& masks, SeqRange range) {
  std::string sets;
  const auto set = [&](std::size_t position, const std::string& value) {
    sets += fmt::format("{}t.{} = {}", sets.empty() ? "" : ", ", column_name(table, position), value);
  };
  for (std::size_t i = 0; i < table.columns().size(); ++i) {
    if (ops.front() == NetOp::kMove || !table.is_key(i)) set(i, new_value(table, i, masks));
  }
  // A table of key columns only: an UPDATE that leaves the key alone changes nothing, but its row must be there.
  if (sets.empty()) {
    for (const auto position : table.key()) set(position, fmt::format("s.c{}", position + 1));
  }
  return where(fmt::format("UPDATE t SET {} FROM {} AS t INNER JOIN {} AS s ON {}", sets, quote_mssql(table.target()),
                           quote_mssql(table.stage()), key_join(table)),
               ops, range);
}

}  // namespace

Sql& Sql::operator+=(const Sql& more) {
  text += more.text;
  values.insert(values.end(), more.values.begin(), more.values.end());
  return *this;
}

Sql delete_sql(const TableBinding& table, const std::vector<NetOp>& ops, SeqRange range) {
  return where(fmt::format("DELETE t FROM {} AS t INNER JOIN {} AS s ON {}", quote_mssql(table.target()),
                           quote_mssql(table.stage()), key_join(table)),
               ops, range);
}

Sql update_sql(const TableBinding& table, NetOp op, const Masks& masks, SeqRange range) {
  return update_rows_sql(table, {op}, masks, range);
}

Sql update_all_sql(const TableBinding& table, const Masks& masks, SeqRange range) {
  return update_rows_sql(table, {NetOp::kMove, NetOp::kUpdate}, masks, range);
}

Sql insert_sql(const TableBinding& table, const std::vector<NetOp>& ops, SeqRange range) {
  std::string names;
  std::string values;
  for (std::size_t i = 0; i < table.columns().size(); ++i) {
    names += (i == 0 ? "" : ", ") + column_name(table, i);
    values += fmt::format("{}s.c{}", i == 0 ? "" : ", ", i + 1);
  }
  return where(fmt::format("INSERT INTO {} ({}) SELECT {} FROM {} AS s", quote_mssql(table.target()), names, values,
                           quote_mssql(table.stage())),
               ops, range);
}

Sql delete_whole_row_sql(const TableBinding& table, std::int64_t seq) {
  std::string there;
  std::string sent;
  for (std::size_t i = 0; i < table.columns().size(); ++i) {
    const char* comma = i == 0 ? "" : ", ";
    there += comma + exact(table, i, "t." + column_name(table, i));
    sent += comma + exact(table, i, fmt::format("s.c{}", i + 1));
  }
  // INTERSECT takes two NULLs for the same, which = does not.
  return {fmt::format("DELETE TOP (1) t FROM {} AS t INNER JOIN {} AS s ON s.seq = ? AND EXISTS (SELECT {} INTERSECT "
                      "SELECT {});",
                      quote_mssql(table.target()), quote_mssql(table.stage()), there, sent),
          {std::to_string(seq)}};
}

Sql truncate_sql(const schema::TableName& target, bool referenced) {
  return {(referenced ? "DELETE FROM " : "TRUNCATE TABLE ") + quote_mssql(target) + ";", {}};
}

Sql expect_rows_sql(const TableBinding& table, const char* what, std::int64_t rows) {
  const auto message =
      fmt::format("{}: {} did not touch the {} row(s) of the source", table.target().to_string(), what, rows);
  return {fmt::format(" IF @@ROWCOUNT <> ? THROW {}, ?, 1;\n", kRowsDiffer), {std::to_string(rows), message}};
}

}  // namespace millrace::replication
