#include "replication/poison.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "replication/apply_sql.hpp"
#include "replication/stage_rows.hpp"
#include "schema/cell_text.hpp"

namespace millrace::replication {
namespace {

using pgoutput::Field;
using pgoutput::FieldKind;
using Json = nlohmann::ordered_json;

/// "Database Engine events and errors": overflow (220, 8115), conversions (241, 242, 245, 248, 8114), row or key too
/// wide (511, 1946), a float that is none (8023), beside what is a constraint violation anyway.
constexpr std::array kRefusals = {220, 241, 242, 245, 248, 511, 1946, 8023, 8114, 8115};
/// THROW and RAISERROR of users, also in triggers.
constexpr int kFirstUserError = 50000;
constexpr int kFirstOwn = 51010;
constexpr int kLastOwn = 51019;

std::string as_sent(const Field& field) {
  if (field.kind == FieldKind::kText) return std::string(field.value);
  std::string text = "0x";
  for (const char byte : field.value) text += fmt::format("{:02X}", static_cast<unsigned char>(byte));
  return text;
}

Json shown(const ColumnBinding& column, const schema::Cell& cell) {
  if (cell.null) return nullptr;
  return schema::to_display(column.kind, cell, column.mapping.target.type);
}

/// Foreign bytes may be in any encoding: what is no UTF-8 is replaced.
std::string dump(const Json& object) {
  return object.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

bool row_refused(const sqlserver::QueryError& error) {
  const int number = error.number();
  if (error.code() == ErrorCode::kTargetConstraint) return true;
  if (number >= kFirstUserError) return number < kFirstOwn || number > kLastOwn;
  return std::find(kRefusals.begin(), kRefusals.end(), number) != kRefusals.end();
}

std::string blamed_column(const TableBinding& table, const std::string& message) {
  constexpr std::string_view kWord = "column '";
  const auto at = message.find(kWord);
  if (at == std::string::npos) return {};
  const auto begin = at + kWord.size();
  const auto name = message.substr(begin, message.find('\'', begin) - begin);
  for (const auto& column : table.columns()) {
    if (column.mapping.target.name == name) return column.mapping.source.name;
  }
  return name;
}

Error poison_error(const PoisonRow& row, const Error& cause, const std::string& column) {
  const auto where = row.key_text.empty() ? std::string("a row without key") : "row " + row.key_text;
  Error error(cause.code(),
              fmt::format("{}: {} ({}, LSN {}) cannot be written to {}: {}", row.source.to_string(), where, row.op,
                          row.lsn.to_string(), row.target.to_string(), row.reason),
              {.table = row.source.to_string(), .column = column, .lsn = row.lsn.to_string()});
  if (!cause.cause().empty()) error.because(cause.cause());
  if (cause.code() == ErrorCode::kTargetRowMissing) return error;
  error.suggest(
      "Change what refuses the row on the target; or correct the row on the source and load the table anew with "
      "`millrace reload`. A pipeline made with --poison quarantine puts such rows aside and goes on.");
  return error;
}

std::string row_json(const TableBinding& table, const pgoutput::Tuple& row) {
  Json object = Json::object();
  schema::Cell cell;
  for (std::size_t i = 0; i < row.size() && i < table.columns().size(); ++i) {
    if (row[i].kind == FieldKind::kUnchanged) continue;
    auto& value = object[table.columns()[i].mapping.source.name];
    try {
      encode_field(table, i, row[i], cell);
      value = shown(table.columns()[i], cell);
    } catch (const Error&) {
      value = as_sent(row[i]);
    }
  }
  return dump(object);
}

std::string row_json(const TableBinding& table, const std::vector<schema::Cell>& row) {
  Json object = Json::object();
  for (std::size_t i = 0; i < row.size() && i < table.columns().size(); ++i) {
    object[table.columns()[i].mapping.source.name] = shown(table.columns()[i], row[i]);
  }
  return dump(object);
}

std::string key_text_of(const TableBinding& table, const pgoutput::Tuple& row) {
  pgoutput::Tuple key;
  for (const auto position : table.key()) key.push_back(row.at(position));
  return key_text(table, key);
}

std::string key_text_of(const TableBinding& table, const std::vector<schema::Cell>& row) {
  std::string text;
  for (const auto position : table.key()) {
    const auto& column = table.columns()[position];
    const auto& cell = row.at(position);
    if (!text.empty()) text += ", ";
    text += column.mapping.source.name + "=";
    text += cell.null ? "NULL" : schema::to_display(column.kind, cell, column.mapping.target.type);
  }
  return text;
}

}  // namespace millrace::replication
