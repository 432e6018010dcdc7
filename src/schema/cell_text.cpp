#include "schema/cell_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "schema/encode_float_text.hpp"
#include "schema/encode_time_text.hpp"
#include "support/utf16.hpp"

namespace millrace::schema {
namespace {

constexpr std::int64_t kNanosPerMicro = 1000;

/// The digits at the column's scale, with a zero before the point, as SQL Server converts decimals to text.
std::string decimal_text(const Cell& cell, int scale) {
  std::string digits;
  for (Uint128 rest = cell.magnitude; rest != 0; rest /= 10) {
    digits += static_cast<char>('0' + static_cast<int>(rest % 10));
  }
  const auto behind = static_cast<std::size_t>(std::max(scale, 0));
  while (digits.size() <= behind) digits += '0';
  std::reverse(digits.begin(), digits.end());
  if (behind > 0) digits.insert(digits.size() - behind, ".");
  return cell.negative ? "-" + digits : digits;
}

std::string guid_text(const Cell& cell, const char* form) {
  std::string text;
  for (std::size_t i = 0; i < cell.guid.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += fmt::format(fmt::runtime(form), cell.guid[i]);
  }
  return text;
}

void append_big_endian(std::uint64_t value, std::vector<std::uint8_t>& out) {
  for (int shift = 56; shift >= 0; shift -= 8)
    out.push_back(static_cast<std::uint8_t>(value >> static_cast<unsigned>(shift)));
}

void append_ascii(const std::string& text, std::vector<std::uint8_t>& out) {
  out.insert(out.end(), text.begin(), text.end());
}

void append_long(const LongValue& value, std::vector<std::uint8_t>& out) {
  out.reserve(out.size() + value.size);
  read_long_value(value, [&](const void* bytes, std::size_t size) {
    const auto* from = static_cast<const std::uint8_t*>(bytes);
    out.insert(out.end(), from, from + size);
  });
}

}  // namespace

std::string to_display(CellKind kind, const Cell& cell, const TargetType& type) {
  if (cell.null) return "NULL";
  std::string text;
  switch (kind) {
    case CellKind::kBit:
    case CellKind::kTinyInt:
    case CellKind::kSmallInt:
    case CellKind::kInt:
    case CellKind::kBigInt:
      return std::to_string(cell.integer);
    case CellKind::kReal:
      return float_text(static_cast<float>(cell.real));
    case CellKind::kFloat:
      return float_text(cell.real);
    case CellKind::kDecimal:
      return decimal_text(cell, type.scale.value_or(0));
    case CellKind::kDate:
      append_date(static_cast<std::int32_t>(cell.integer + kFirstDay), text);
      return text;
    case CellKind::kTime:
      append_time(cell.integer, text);
      return text;
    case CellKind::kDateTime2:
    case CellKind::kDateTimeOffset:
      append_timestamp(cell.integer + kFirstDay * kMicrosPerDay, kind == CellKind::kDateTimeOffset, text);
      return text;
    case CellKind::kGuid:
      return guid_text(cell, "{:02x}");
    case CellKind::kText:
      return to_utf8(cell.text);
    case CellKind::kBinary:
      text = "0x";
      for (const auto byte : cell.bytes) text += fmt::format("{:02X}", byte);
      return text;
  }
  return text;
}

void canonical_bytes(CellKind kind, const TargetType& type, const Cell& cell, std::vector<std::uint8_t>& out) {
  switch (kind) {
    case CellKind::kBit:
    case CellKind::kTinyInt:
    case CellKind::kSmallInt:
    case CellKind::kInt:
    case CellKind::kBigInt:
    case CellKind::kDate:
      return append_big_endian(static_cast<std::uint64_t>(cell.integer), out);
    case CellKind::kReal:
    case CellKind::kFloat:
      return append_big_endian(std::bit_cast<std::uint64_t>(cell.real), out);
    case CellKind::kDecimal:
      return append_ascii(decimal_text(cell, type.scale.value_or(0)), out);
    case CellKind::kTime:
      return append_big_endian(static_cast<std::uint64_t>(cell.integer * kNanosPerMicro), out);
    case CellKind::kDateTime2:
    case CellKind::kDateTimeOffset:
      append_big_endian(static_cast<std::uint64_t>(cell.integer / kMicrosPerDay), out);
      return append_big_endian(static_cast<std::uint64_t>(cell.integer % kMicrosPerDay * kNanosPerMicro), out);
    case CellKind::kGuid:
      return append_ascii(guid_text(cell, "{:02X}"), out);
    case CellKind::kText:
      if (cell.long_value) return append_long(*cell.long_value, out);
      for (const char16_t unit : cell.text) {
        out.push_back(static_cast<std::uint8_t>(unit & 0xFFU));
        out.push_back(static_cast<std::uint8_t>(unit >> 8U));
      }
      return;
    case CellKind::kBinary:
      if (cell.long_value) return append_long(*cell.long_value, out);
      out.insert(out.end(), cell.bytes.begin(), cell.bytes.end());
      return;
  }
}

std::string canonical_expression(CellKind kind, const TargetType&, const std::string& quoted_column) {
  const auto& c = quoted_column;
  // Style 112 reads yyyymmdd whatever DATEFORMAT says; time and datetime2 as text would follow style and scale.
  const auto days = [](const std::string& value) {
    return fmt::format(
        "CONVERT(varbinary(8), CONVERT(bigint, DATEDIFF(day, CONVERT(date, '00010101', 112), CONVERT(date, {}))))",
        value);
  };
  const auto nanoseconds = [](const std::string& value) {
    return fmt::format(
        "CONVERT(varbinary(8), DATEDIFF_BIG(nanosecond, CONVERT(time(7), '00:00:00', 108), CONVERT(time(7), {})))",
        value);
  };
  switch (kind) {
    case CellKind::kBit:
    case CellKind::kTinyInt:
    case CellKind::kSmallInt:
    case CellKind::kInt:
    case CellKind::kBigInt:
      return fmt::format("CONVERT(varbinary(8), CONVERT(bigint, {}))", c);
    case CellKind::kReal:
    case CellKind::kFloat:
      return fmt::format("CONVERT(varbinary(8), CONVERT(float(53), {}))", c);
    case CellKind::kDecimal:
      return fmt::format("CONVERT(varbinary(41), CONVERT(varchar(41), {}))", c);
    case CellKind::kDate:
      return days(c);
    case CellKind::kTime:
      return nanoseconds(c);
    case CellKind::kDateTime2:
      return fmt::format("({} + {})", days(c), nanoseconds(c));
    case CellKind::kDateTimeOffset: {
      const auto utc = fmt::format("CONVERT(datetime2(7), SWITCHOFFSET({}, '+00:00'))", c);
      return fmt::format("({} + {})", days(utc), nanoseconds(utc));
    }
    case CellKind::kGuid:
      return fmt::format("CONVERT(varbinary(36), CONVERT(char(36), {}))", c);
    case CellKind::kText:
    case CellKind::kBinary:
      return fmt::format("CONVERT(varbinary(max), {})", c);
  }
  return c;
}

}  // namespace millrace::schema
