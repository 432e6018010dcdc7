#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schema/table_name.hpp"

namespace millrace::schema {

/// Of an identifier, in UTF-16 units (SQL Server, "Database Identifiers").
inline constexpr std::size_t kLongestName = 128;
/// Of a decimal.
inline constexpr int kMostDigits = 38;

/// A T-SQL type, as sys.types and sys.columns tell it.
struct TargetType {
  static constexpr int kMax = -1;  ///< nvarchar(max), varbinary(max)

  std::string name;              ///< lower case: "int", "nvarchar", "decimal", "datetime2", ...
  std::optional<int> length;     ///< characters of nchar/nvarchar, bytes of char/varchar/binary/varbinary, or kMax
  std::optional<int> precision;  ///< decimal: 1..38; float: 1..53
  std::optional<int> scale;      ///< decimal; fractional digits 0..7 of time, datetime2, datetimeoffset

  /// "decimal(12,2)", "nvarchar(max)".
  std::string to_string() const;
  friend bool operator==(const TargetType&, const TargetType&) = default;
};

struct TargetColumn {
  std::string name;
  TargetType type;
  bool nullable = true;
  std::string collation;  ///< empty: the database's default
  bool identity = false;
  bool computed = false;     ///< only in tables read from a server
  bool has_default = false;  ///< only in tables read from a server
};

struct TargetTable {
  TableName name;
  std::vector<TargetColumn> columns;
  std::vector<std::string> primary_key;  ///< empty: a heap

  const TargetColumn* find_column(std::string_view column) const;
};

}  // namespace millrace::schema
