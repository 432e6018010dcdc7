#pragma once

#include <string>
#include <vector>

#include "schema/source_table.hpp"
#include "schema/target_table.hpp"
#include "schema/type_mapping.hpp"

namespace millrace::schema {

/// What a column's type becomes, and what a user should know of it.
struct MappedType {
  TargetType type;
  std::vector<std::string> notes;
};

/// The rules of docs/reference/types.md for a column that is no key. Pure.
MappedType map_type(const SourceType& type, const ColumnFacts& facts, ValuePolicy policy);
/// numeric(p,s) and numeric.
MappedType map_numeric(const SourceType& type, const ColumnFacts& facts, ValuePolicy policy);

/// nvarchar(units), nvarchar(max) above SQL Server's 4,000.
TargetType nvarchar(int units);
TargetType nvarchar_max();
/// "fail", "become NULL", ...: what a policy does, to be put after "NaN and infinity ".
std::string policy_words(ValuePolicy policy);

}  // namespace millrace::schema
