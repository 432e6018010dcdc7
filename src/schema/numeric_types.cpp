#include "schema/column_types.hpp"
#include "schema/type_mapping.hpp"

namespace millrace::schema {
namespace {

MappedType decimal(int precision, int scale, ValuePolicy policy) {
  if (policy == ValuePolicy::kText) return {nvarchar(precision + 3), {"text, so that NaN survives"}};
  return {{.name = "decimal", .precision = precision, .scale = scale}, {"NaN and infinity " + policy_words(policy)}};
}

MappedType exact_digits(const char* why) {
  return {nvarchar_max(), {std::string("as text with the exact digits: ") + why}};
}

MappedType declared(int precision, int scale, ValuePolicy policy) {
  if (scale < 0) {
    // PostgreSQL 15: numeric(2,-3) holds 99000, five digits before the point.
    if (precision - scale <= kMostDigits) return decimal(precision - scale, 0, policy);
    return exact_digits("it may have more than 38 digits");
  }
  if (scale > precision) {
    if (scale <= kMostDigits) return decimal(scale, scale, policy);
    return exact_digits("it may have more than 38 digits behind the point");
  }
  return decimal(precision, scale, policy);
}

}  // namespace

bool typed_by_rows(const SourceType& type) {
  return type.name == "numeric" && !type.is_array && (!type.precision || *type.precision > kMostDigits);
}

MappedType map_numeric(const SourceType& type, const ColumnFacts& facts, ValuePolicy policy) {
  if (type.precision && *type.precision <= kMostDigits)
    return declared(*type.precision, type.scale.value_or(0), policy);
  if (policy == ValuePolicy::kText) return exact_digits("value policy");
  if (!facts.max_integer_digits || !facts.max_scale)
    return exact_digits("it is declared without a precision that fits");
  if (*facts.max_integer_digits + *facts.max_scale > kMostDigits) {
    return exact_digits("the rows hold more digits than SQL Server's 38");
  }
  auto mapped = decimal(kMostDigits, *facts.max_scale, policy);
  mapped.notes.push_back("scale taken from the rows; a later value with more digits does not fit");
  return mapped;
}

}  // namespace millrace::schema
