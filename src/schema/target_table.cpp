#include "schema/target_table.hpp"

#include <fmt/format.h>

#include "schema/names_equal.hpp"
#include "schema/source_table.hpp"

namespace millrace::schema {

std::string TargetType::to_string() const {
  if (length) return *length == kMax ? name + "(max)" : fmt::format("{}({})", name, *length);
  if (precision && scale) return fmt::format("{}({},{})", name, *precision, *scale);
  if (precision) return fmt::format("{}({})", name, *precision);
  if (scale) return fmt::format("{}({})", name, *scale);
  return name;
}

const TargetColumn* TargetTable::find_column(std::string_view column) const {
  const auto wanted = fold_case(column);
  for (const auto& candidate : columns) {
    if (fold_case(candidate.name) == wanted) return &candidate;
  }
  return nullptr;
}

const SourceColumn* SourceTable::find_column(std::string_view column) const {
  for (const auto& candidate : columns) {
    if (candidate.name == column) return &candidate;
  }
  return nullptr;
}

}  // namespace millrace::schema
