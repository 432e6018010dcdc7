#include "replication/stage_rows.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "schema/cell_text.hpp"

namespace millrace::replication {
namespace {

using pgoutput::Field;
using pgoutput::FieldKind;

constexpr std::size_t kHead = 4;  ///< batch, seq, op, mask

}  // namespace

std::vector<StageColumn> stage_columns(const TableBinding& table) {
  std::vector<StageColumn> columns = {{"batch", {.name = "bigint"}, ""},
                                      {"seq", {.name = "bigint"}, ""},
                                      {"op", {.name = "tinyint"}, ""},
                                      {"mask", {.name = "int"}, ""}};
  const auto add = [&](std::string name, std::size_t position) {
    const auto& target = table.columns()[position].mapping.target;
    columns.push_back({std::move(name), target.type, target.collation});
  };
  for (std::size_t i = 0; i < table.key().size(); ++i) add(fmt::format("o{}", i + 1), table.key()[i]);
  for (std::size_t i = 0; i < table.columns().size(); ++i) add(fmt::format("c{}", i + 1), i);
  return columns;
}

std::string create_stage_sql(const TableBinding& table) {
  std::string sql = "CREATE TABLE " + schema::quote_mssql(table.stage()) + " (";
  std::size_t at = 0;
  for (const auto& column : stage_columns(table)) {
    if (at > 0) sql += ", ";
    sql += schema::quote_mssql(column.name) + " " + column.type.to_string();
    if (!column.collation.empty()) sql += " COLLATE " + column.collation;
    sql += at < kHead ? " NOT NULL" : " NULL";
    ++at;
  }
  return sql + ")";
}

StageRows::StageRows(const TableBinding& table)
    : table_(table), cells_(kHead + table.key().size() + table.columns().size()) {
  clear_masks();
}

void StageRows::clear_masks() {
  masks_.assign(1, std::vector<bool>(table_.columns().size(), false));
}

int StageRows::mask_of(const pgoutput::Tuple& row) {
  const bool whole =
      std::none_of(row.begin(), row.end(), [](const Field& field) { return field.kind == FieldKind::kUnchanged; });
  if (whole) return 0;
  std::vector<bool> mask(table_.columns().size(), false);
  for (std::size_t i = 0; i < row.size(); ++i) mask[i] = row[i].kind == FieldKind::kUnchanged;
  const auto known = std::find(masks_.begin(), masks_.end(), mask);
  const auto number = static_cast<int>(known - masks_.begin());
  if (known == masks_.end()) masks_.push_back(std::move(mask));
  return number;
}

const std::vector<schema::Cell>& StageRows::encode(std::int64_t batch, std::int64_t seq, const NetChange& change,
                                                   LongValues long_values) {
  set_integer(cells_[0], batch);
  set_integer(cells_[1], seq);
  set_integer(cells_[2], static_cast<std::int64_t>(change.op));
  set_integer(cells_[3], change.row.empty() ? 0 : mask_of(change.row));
  std::size_t at = kHead;
  try {
    for (std::size_t i = 0; i < table_.key().size(); ++i, ++at) {
      cells_[at].null = true;
      if (!change.old_key.empty()) encode_field(table_, table_.key()[i], change.old_key.at(i), cells_[at]);
    }
    for (std::size_t i = 0; i < table_.columns().size(); ++i, ++at) {
      cells_[at].null = true;
      if (!change.row.empty()) encode_field(table_, i, change.row.at(i), cells_[at], long_values);
    }
  } catch (schema::ValueError& error) {
    pgoutput::Tuple key = change.old_key;
    if (key.empty()) {
      for (const auto position : table_.key()) key.push_back(change.row.at(position));
    }
    if (!table_.keyless()) error.note("row " + key_text(table_, key));
    throw;
  }
  return cells_;
}

void encode_field(const TableBinding& table, std::size_t column, const Field& field, schema::Cell& cell,
                  LongValues long_values) {
  cell.long_value.reset();
  if (field.kind == FieldKind::kNull || field.kind == FieldKind::kUnchanged) {
    cell.null = true;
    return;
  }
  const auto format = field.kind == FieldKind::kBinary ? schema::WireFormat::kBinary : schema::WireFormat::kText;
  const auto& binding = table.columns()[column];
  cell.null = false;
  if (long_values == LongValues::kInPieces && field.mapped != nullptr) {
    cell.long_value = binding.encoder->encode_long(format, {field.value, field.mapped});
    if (cell.long_value) return;
  }
  try {
    binding.encoder->encode(format, field.value, cell);
  } catch (const schema::ValueError& error) {
    schema::ValueError located(error.code(), error.message(),
                               {.table = table.source().to_string(), .column = binding.mapping.source.name});
    for (const auto& line : error.notes()) located.note(line);
    throw located;
  }
}

std::string key_text(const TableBinding& table, const pgoutput::Tuple& key_fields) {
  std::string text;
  schema::Cell cell;
  for (std::size_t i = 0; i < table.key().size() && i < key_fields.size(); ++i) {
    const auto& binding = table.columns()[table.key()[i]];
    if (!text.empty()) text += ", ";
    text += binding.mapping.source.name + "=";
    try {
      encode_field(table, table.key()[i], key_fields[i], cell);
      text += cell.null ? "NULL" : schema::to_display(binding.kind, cell, binding.mapping.target.type);
    } catch (const Error&) {
      text += "?";
    }
  }
  return text;
}

}  // namespace millrace::replication
