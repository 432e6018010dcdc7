#include "replication/type_change.hpp"

#include <map>
#include <string>

#include "schema/drift.hpp"

namespace millrace::replication {
namespace {

using schema::SourceType;

/// Decimal digits of an integer type; 0 for others.
int integer_digits(const SourceType& type) {
  static const std::map<std::string, int> kDigits = {{"int2", 5}, {"int4", 10}, {"int8", 19}};
  const auto found = kDigits.find(type.name);
  return found == kDigits.end() ? 0 : found->second;
}

/// Types whose values are their text, without blanks that a cast takes away.
bool is_text(const SourceType& type) {
  return type.kind == schema::TypeKind::kEnum || type.name == "text" || type.name == "varchar" || type.name == "name" ||
         type.name == "citext";
}

bool has_moments(const SourceType& type) {
  return type.name == "timestamp" || type.name == "timestamptz" || type.name == "time" || type.name == "timetz";
}

bool numeric_keeps(const SourceType& before, const SourceType& after) {
  if (!after.precision) return integer_digits(before) > 0 || before.name == "numeric";
  const int scale = after.scale.value_or(0);
  const int room = *after.precision - scale;
  if (const int digits = integer_digits(before); digits > 0) return scale >= 0 && room >= digits;
  if (before.name != "numeric" || !before.precision) return false;
  const int before_scale = before.scale.value_or(0);
  return scale >= before_scale && room >= *before.precision - before_scale;
}

}  // namespace

bool keeps_values(const SourceType& before, const SourceType& after) {
  if (before.is_array || after.is_array) return false;
  if (is_text(after)) {
    if (integer_digits(before) > 0) return after.name == "text" || (after.name == "varchar" && !after.length);
    if (!is_text(before) || (after.name == "name" && before.name != "name")) return false;
    if (after.kind == schema::TypeKind::kEnum) return before.schema == after.schema && before.name == after.name;
    return !after.length || (before.length && *before.length <= *after.length);
  }
  if (after.kind != schema::TypeKind::kBase || before.kind != schema::TypeKind::kBase) return false;
  if (integer_digits(after) > 0) return integer_digits(before) > 0 && integer_digits(before) <= integer_digits(after);
  if (after.name == "numeric") return numeric_keeps(before, after);
  if (after.name == "float8") return before.name == "float4";
  if (after.name == "timestamp" && before.name == "date") return true;
  if (has_moments(after))
    return before.name == after.name && before.precision.value_or(6) <= after.precision.value_or(6);
  return false;
}

bool holds(const schema::TargetType& actual, const schema::TargetType& planned) {
  schema::TargetTable one;
  schema::TargetTable other;
  one.columns = {{.name = "c", .type = planned}};
  other.columns = {{.name = "c", .type = actual}};
  for (const auto& drift : schema::compare_tables(one, other)) {
    if (drift.fatal) return false;
  }
  return true;
}

}  // namespace millrace::replication
