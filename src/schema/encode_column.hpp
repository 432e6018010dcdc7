#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

#include "schema/cell_encoder.hpp"

// What the encoders of all type families share. Only encode_*.cpp and cell_encoder.cpp include it.
namespace millrace::schema {

/// What an encoder knows of its column, with SQL Server's defaults filled in.
struct EncodeColumn {
  /// Throws Error kTableUnsupported when Millrace does not write the target type.
  EncodeColumn(const ColumnMapping& mapping, ValuePolicy value_policy);

  std::string name;
  SourceType type;
  TargetType target;
  CellKind kind;
  ValuePolicy policy;
  bool nullable;
  int length;     ///< nvarchar, varbinary, nchar, binary: units or bytes, or TargetType::kMax
  int precision;  ///< decimal
  int scale;      ///< decimal, time, datetime2, datetimeoffset
};

/// Throws the ValueError for a value of class `what` ("NaN", "year 10000") that the target has no place for.
[[noreturn]] void refuse_value(const EncodeColumn& column, std::string_view what);
/// As refuse_value, but NULL under policy null, when the column may be NULL.
void no_place(const EncodeColumn& column, std::string_view what, Cell& cell);
/// Throws Error kProtocol: the bytes are no value of the column's type.
[[noreturn]] void refuse_bytes(const EncodeColumn& column, WireFormat format);

/// Stores UTF-8 text; ValueError when it is not UTF-8 or longer than the column.
void store_text(const EncodeColumn& column, std::string_view utf8, Cell& cell);
/// Stores text of plain ASCII that is known to be so.
void store_ascii(const EncodeColumn& column, std::string_view ascii, Cell& cell);
/// Stores a whole number in any of the kinds bit .. float, decimal or text.
void store_integer(const EncodeColumn& column, std::int64_t value, Cell& cell);
/// The range of an integer kind.
std::int64_t lowest(CellKind kind);
std::int64_t highest(CellKind kind);
bool is_integer(CellKind kind);

/// 10^0 .. 10^38.
extern const std::array<Uint128, 39> kPowersOfTen;

/// An integer in network byte order.
template <class Integer>
Integer load(const char* at) {
  Integer value;
  std::memcpy(&value, at, sizeof value);
  if constexpr (sizeof(Integer) == 2) return static_cast<Integer>(__builtin_bswap16(static_cast<std::uint16_t>(value)));
  if constexpr (sizeof(Integer) == 4) return static_cast<Integer>(__builtin_bswap32(static_cast<std::uint32_t>(value)));
  if constexpr (sizeof(Integer) == 8) return static_cast<Integer>(__builtin_bswap64(static_cast<std::uint64_t>(value)));
}

// One factory a family: nothing when values of the source type cannot stand exactly in the target type.
std::unique_ptr<CellEncoder> integer_encoder(EncodeColumn column);   // bool, int2, int4, int8, oid, xid
std::unique_ptr<CellEncoder> float_encoder(EncodeColumn column);     // float4, float8
std::unique_ptr<CellEncoder> numeric_encoder(EncodeColumn column);   // numeric
std::unique_ptr<CellEncoder> money_encoder(EncodeColumn column);     // money
std::unique_ptr<CellEncoder> moment_encoder(EncodeColumn column);    // date, timestamp, timestamptz, time
std::unique_ptr<CellEncoder> interval_encoder(EncodeColumn column);  // interval, timetz
std::unique_ptr<CellEncoder> bytes_encoder(EncodeColumn column);     // bytea
std::unique_ptr<CellEncoder> uuid_encoder(EncodeColumn column);      // uuid
std::unique_ptr<CellEncoder> bits_encoder(EncodeColumn column);      // bit, varbit
std::unique_ptr<CellEncoder> json_encoder(EncodeColumn column);      // arrays, composites, hstore
std::unique_ptr<CellEncoder> geometry_encoder(EncodeColumn column);  // geometry, geography of PostGIS
std::unique_ptr<CellEncoder> text_encoder(EncodeColumn column);      // all others: their text

}  // namespace millrace::schema
