#include "schema/cell_encoder.hpp"

#include <fmt/format.h>

#include <map>

#include "schema/encode_column.hpp"

namespace millrace::schema {
namespace {

using Factory = std::unique_ptr<CellEncoder> (*)(EncodeColumn);

struct Family {
  Factory make;
  bool binary;  ///< the encoder reads the type's binary form
};

constexpr Family kOther = {text_encoder, false};
constexpr Family kSameText = {text_encoder, true};  // the binary form is the text
constexpr Family kJson = {json_encoder, false};

const std::map<std::string, Family>& built_in_families() {
  static const std::map<std::string, Family> kFamilies = {{"bool", {integer_encoder, true}},
                                                          {"int2", {integer_encoder, true}},
                                                          {"int4", {integer_encoder, true}},
                                                          {"int8", {integer_encoder, true}},
                                                          {"oid", {integer_encoder, true}},
                                                          {"xid", {integer_encoder, true}},
                                                          {"float4", {float_encoder, true}},
                                                          {"float8", {float_encoder, true}},
                                                          {"numeric", {numeric_encoder, true}},
                                                          {"money", {money_encoder, true}},
                                                          {"bpchar", kSameText},
                                                          {"varchar", kSameText},
                                                          {"text", kSameText},
                                                          {"name", kSameText},
                                                          {"json", kSameText},
                                                          {"jsonb", kSameText},
                                                          {"bytea", {bytes_encoder, true}},
                                                          {"date", {moment_encoder, true}},
                                                          {"timestamp", {moment_encoder, true}},
                                                          {"timestamptz", {moment_encoder, true}},
                                                          {"time", {moment_encoder, true}},
                                                          {"timetz", {interval_encoder, true}},
                                                          {"interval", {interval_encoder, true}},
                                                          {"uuid", {uuid_encoder, true}},
                                                          {"bit", {bits_encoder, true}},
                                                          {"varbit", {bits_encoder, true}}};
  return kFamilies;
}

/// Extensions may be installed in any schema.
const std::map<std::string, Family>& extension_families() {
  static const std::map<std::string, Family> kFamilies = {{"citext", kSameText},
                                                          {"hstore", kJson},
                                                          {"geometry", {geometry_encoder, true}},
                                                          {"geography", {geometry_encoder, true}}};
  return kFamilies;
}

bool built_in(const SourceType& type) {
  return type.schema.empty() || type.schema == "pg_catalog";
}

Family family_of(const SourceType& type) {
  if (type.is_array || type.kind == TypeKind::kComposite) return kJson;
  if (type.kind == TypeKind::kEnum) return kSameText;
  if (type.kind != TypeKind::kBase) return kOther;
  if (built_in(type)) {
    const auto found = built_in_families().find(type.name);
    if (found != built_in_families().end()) return found->second;
  }
  const auto found = extension_families().find(type.name);
  return found == extension_families().end() ? kOther : found->second;
}

bool is_text(const TargetType& type) {
  return type.name == "nvarchar" || type.name == "nchar";
}

/// Built-in types whose cast to text gives their output function's text. A cast of inet adds a netmask, of xml it
/// keeps the declaration, of "char" it differs from version to version.
bool cast_is_output(const SourceType& type) {
  if (type.is_array) return true;
  return built_in(type) && type.kind != TypeKind::kComposite && type.name != "inet" && type.name != "cidr" &&
         type.name != "xml" && type.name != "char";
}

}  // namespace

bool binary_capable(const SourceType& type) {
  return family_of(type).binary;
}

WireFormat copy_format(const ColumnMapping& column) {
  const auto& type = column.source.type;
  const auto family = family_of(type);
  if (!family.binary) return WireFormat::kText;
  // PostgreSQL's choice among equally short digits is its own.
  return family.make == float_encoder && is_text(column.target.type) ? WireFormat::kText : WireFormat::kBinary;
}

std::string copy_expression(const ColumnMapping& column) {
  const auto name = quote_pg(column.source.name);
  if (copy_format(column) == WireFormat::kBinary) return name;
  if (cast_is_output(column.source.type)) return name + "::text";
  // format() calls the output function, and makes NULL an empty text. IS NULL would also be true for a row of NULLs.
  return fmt::format("CASE WHEN {0} IS DISTINCT FROM NULL THEN pg_catalog.format('%s', {0}) END", name);
}

std::vector<std::string> session_settings() {
  return {"SET client_encoding = 'UTF8'", "SET DateStyle = 'ISO, YMD'", "SET IntervalStyle = 'iso_8601'",
          "SET TimeZone = 'UTC'",         "SET extra_float_digits = 3", "SET bytea_output = 'hex'",
          "SET lc_monetary = 'C'"};
}

std::unique_ptr<CellEncoder> make_encoder(const ColumnMapping& column, ValuePolicy policy) {
  auto encoder = family_of(column.source.type).make(EncodeColumn(column, column.policy.value_or(policy)));
  if (encoder) return encoder;
  throw Error(ErrorCode::kTableUnsupported,
              fmt::format("column {}: {} does not hold the values of {} exactly", column.source.name,
                          column.target.type.to_string(), column.source.type.declared),
              {.column = column.source.name});
}

std::optional<LongValue> CellEncoder::encode_long(WireFormat, HeldBytes) const {
  return std::nullopt;
}

}  // namespace millrace::schema
