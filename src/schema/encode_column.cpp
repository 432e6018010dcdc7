#include "schema/encode_column.hpp"

#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "schema/cell_utf16.hpp"

namespace millrace::schema {
namespace {

// What SQL Server takes when a type is written without them.
constexpr int kDefaultPrecision = 18;
constexpr int kDefaultTimeScale = 7;
constexpr int kDefaultLength = 1;

constexpr std::array<Uint128, 39> powers_of_ten() {
  std::array<Uint128, 39> powers{};
  powers[0] = 1;
  for (std::size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * 10;
  return powers;
}

CellKind kind_of(const ColumnMapping& mapping) {
  try {
    return cell_kind(mapping.target.type);
  } catch (const Error& error) {
    throw Error(error.code(), "column " + mapping.source.name + ": " + error.message(),
                {.column = mapping.source.name});
  }
}

std::uint64_t magnitude(std::int64_t value) {
  return value < 0 ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
}

void check_length(const EncodeColumn& column, const Cell& cell) {
  const auto units = static_cast<std::int64_t>(cell.text.size());
  if (column.target.name == "nchar") {
    // SQL Server would fill it up with blanks.
    if (units != column.length) refuse_value(column, fmt::format("a text of {} UTF-16 units", units));
  } else if (column.length != TargetType::kMax && units > column.length) {
    refuse_value(column, fmt::format("a text of {} UTF-16 units", units));
  }
}

}  // namespace

constexpr std::array<Uint128, 39> kPowersOfTen = powers_of_ten();

EncodeColumn::EncodeColumn(const ColumnMapping& mapping, ValuePolicy value_policy)
    : name(mapping.source.name),
      type(mapping.source.type),
      target(mapping.target.type),
      kind(kind_of(mapping)),
      policy(value_policy),
      nullable(mapping.target.nullable),
      length(target.length.value_or(kDefaultLength)),
      precision(target.precision.value_or(kDefaultPrecision)),
      scale(target.scale.value_or(kind == CellKind::kDecimal ? 0 : kDefaultTimeScale)) {
  const bool decimal = kind == CellKind::kDecimal;
  const bool sized = length == TargetType::kMax || length > 0;
  if ((decimal && (precision < 1 || precision > kMostDigits)) || scale < 0 ||
      scale > (decimal ? precision : kDefaultTimeScale) || !sized) {
    throw Error(ErrorCode::kTableUnsupported,
                fmt::format("column {}: SQL Server has no type {}", name, target.to_string()), {.column = name});
  }
}

void refuse_value(const EncodeColumn& column, std::string_view what) {
  throw ValueError(ErrorCode::kValueUnrepresentable,
                   fmt::format("column {}: {} has no place in {}", column.name, what, column.target.to_string()),
                   {.column = column.name});
}

void no_place(const EncodeColumn& column, std::string_view what, Cell& cell) {
  if (column.policy != ValuePolicy::kNull || !column.nullable) refuse_value(column, what);
  cell.null = true;
}

void refuse_bytes(const EncodeColumn& column, WireFormat format) {
  throw Error(ErrorCode::kProtocol,
              fmt::format("column {}: these bytes are no {} form of {}", column.name,
                          format == WireFormat::kText ? "text" : "binary", column.type.declared),
              {.column = column.name});
}

void store_text(const EncodeColumn& column, std::string_view utf8, Cell& cell) {
  cell.text.clear();
  if (!append_utf16(utf8, cell.text)) refuse_value(column, "a text that is not valid UTF-8");
  check_length(column, cell);
  cell.null = false;
}

void store_ascii(const EncodeColumn& column, std::string_view ascii, Cell& cell) {
  cell.text.assign(ascii.begin(), ascii.end());
  check_length(column, cell);
  cell.null = false;
}

void store_integer(const EncodeColumn& column, std::int64_t value, Cell& cell) {
  cell.null = false;
  if (is_integer(column.kind)) {
    const auto low = lowest(column.kind);
    const auto high = highest(column.kind);
    cell.integer = value;
    if (value >= low && value <= high) return;
    if (column.policy != ValuePolicy::kClamp) return no_place(column, "a number beyond its range", cell);
    cell.integer = value < low ? low : high;
    return;
  }
  switch (column.kind) {
    case CellKind::kDecimal: {
      const auto limit = kPowersOfTen[static_cast<std::size_t>(column.precision - column.scale)];
      cell.negative = value < 0;
      cell.magnitude = Uint128{magnitude(value)} * kPowersOfTen[static_cast<std::size_t>(column.scale)];
      if (magnitude(value) < limit) return;
      if (column.policy != ValuePolicy::kClamp) return no_place(column, "a number beyond its range", cell);
      cell.magnitude = kPowersOfTen[static_cast<std::size_t>(column.precision)] - 1;
      return;
    }
    case CellKind::kReal:
    case CellKind::kFloat: {
      // Whole numbers stand exactly in a floating point type while their odd part has 24 or 53 bits.
      const auto size = magnitude(value);
      const int odd_bits = size == 0 ? 0 : 64 - __builtin_clzll(size) - __builtin_ctzll(size);
      if (odd_bits > (column.kind == CellKind::kReal ? 24 : 53)) {
        return no_place(column, "a whole number of more bits", cell);
      }
      cell.real = static_cast<double>(value);
      return;
    }
    default: {
      const fmt::format_int digits(value);
      return store_ascii(column, {digits.data(), digits.size()}, cell);
    }
  }
}

std::int64_t lowest(CellKind kind) {
  switch (kind) {
    case CellKind::kSmallInt:
      return std::numeric_limits<std::int16_t>::min();
    case CellKind::kInt:
      return std::numeric_limits<std::int32_t>::min();
    case CellKind::kBigInt:
      return std::numeric_limits<std::int64_t>::min();
    default:
      return 0;
  }
}

std::int64_t highest(CellKind kind) {
  switch (kind) {
    case CellKind::kBit:
      return 1;
    case CellKind::kTinyInt:
      return std::numeric_limits<std::uint8_t>::max();
    case CellKind::kSmallInt:
      return std::numeric_limits<std::int16_t>::max();
    case CellKind::kInt:
      return std::numeric_limits<std::int32_t>::max();
    default:
      return std::numeric_limits<std::int64_t>::max();
  }
}

bool is_integer(CellKind kind) {
  return kind <= CellKind::kBigInt;
}

}  // namespace millrace::schema
