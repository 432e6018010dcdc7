#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "schema/long_value.hpp"
#include "schema/target_table.hpp"

namespace millrace::schema {

/// 38 decimal digits need 127 bits.
__extension__ using Uint128 = unsigned __int128;

/// The shape in which a value stands ready for SQL Server; one per T-SQL type that the mapping makes.
enum class CellKind : std::uint8_t {
  kBit,             ///< integer 0 or 1
  kTinyInt,         ///< integer 0..255
  kSmallInt,        ///< integer
  kInt,             ///< integer
  kBigInt,          ///< integer
  kReal,            ///< real, exactly a float's value
  kFloat,           ///< real
  kDecimal,         ///< magnitude and negative, at the column's scale: 12.50 in decimal(9,2) is 1250
  kDate,            ///< integer: days since 0001-01-01
  kTime,            ///< integer: microseconds since midnight, 0..86399999999
  kDateTime2,       ///< integer: microseconds since 0001-01-01 00:00
  kDateTimeOffset,  ///< integer: microseconds since 0001-01-01 00:00 UTC; the offset is always +00:00
  kGuid,            ///< guid, in the order of its text
  kText,            ///< text, UTF-16: nchar, nvarchar of any length
  kBinary           ///< bytes: binary, varbinary of any length
};

/// One value on its way to SQL Server. Only the members that `kind` of its column names hold something; the others
/// keep what an earlier row left. Reused from row to row, so that texts keep their memory.
struct Cell {
  bool null = true;
  bool negative = false;
  std::int64_t integer = 0;
  double real = 0;
  Uint128 magnitude = 0;
  std::array<std::uint8_t, 16> guid{};
  std::u16string text;
  std::vector<std::uint8_t> bytes;
  /// In place of `text` or `bytes`. Only in cells of whoever asked for it: see replication::LongValues.
  std::optional<LongValue> long_value = std::nullopt;
};

/// The shape for a target type. Throws Error kTableUnsupported for a type that Millrace does not write (a user's
/// override such as "text" or "xml").
CellKind cell_kind(const TargetType& type);

/// Bytes that the cell holds, for memory accounting: 16 for fixed kinds, the text's or binary's own length else.
std::size_t cell_bytes(CellKind kind, const Cell& cell);

}  // namespace millrace::schema
