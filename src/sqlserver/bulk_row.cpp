#include "sqlserver/bulk_row.hpp"

#include <array>
#include <cstring>
#include <utility>

#include "sqlserver/bcp_api.hpp"

namespace millrace::sqlserver {
namespace {

using schema::Cell;
using schema::CellKind;
using schema::TargetType;

// The driver's structures (sqltypes.h, and "Data type support for ODBC date and time improvements").
struct Time2 {
  std::uint16_t hour;
  std::uint16_t minute;
  std::uint16_t second;
  std::uint32_t nanoseconds;
};
struct TimestampOffset {
  SQL_TIMESTAMP_STRUCT utc;
  std::int16_t offset_hour;
  std::int16_t offset_minute;
};
static_assert(sizeof(Time2) == 12 && sizeof(TimestampOffset) == 20 && sizeof(SQL_TIMESTAMP_STRUCT) == 16);
static_assert(sizeof(SQL_NUMERIC_STRUCT) == 19 && sizeof(SQL_DATE_STRUCT) == 6);

constexpr std::int64_t kMicrosecondsADay = 86'400'000'000;
/// 9999-12-31, counted from 0001-01-01.
constexpr std::int64_t kLastDay = 3'652'058;

BcpType type_of(CellKind kind) {
  switch (kind) {
    case CellKind::kBit:
      return BcpType::kBit;
    case CellKind::kTinyInt:
      return BcpType::kInt1;
    case CellKind::kSmallInt:
      return BcpType::kInt2;
    case CellKind::kInt:
      return BcpType::kInt4;
    case CellKind::kBigInt:
      return BcpType::kInt8;
    case CellKind::kReal:
      return BcpType::kFloat4;
    case CellKind::kFloat:
      return BcpType::kFloat8;
    case CellKind::kDecimal:
      return BcpType::kDecimal;
    case CellKind::kDate:
      return BcpType::kDate;
    case CellKind::kTime:
      return BcpType::kTime;
    case CellKind::kDateTime2:
      return BcpType::kDateTime2;
    case CellKind::kDateTimeOffset:
      return BcpType::kDateTimeOffset;
    case CellKind::kGuid:
      return BcpType::kUniqueId;
    case CellKind::kText:
      return BcpType::kNChar;
    case CellKind::kBinary:
      return BcpType::kVarBinary;
  }
  throw Error(ErrorCode::kInternal, "a cell of no known kind");
}

std::size_t fixed_bytes(CellKind kind) {
  switch (kind) {
    case CellKind::kBit:
    case CellKind::kTinyInt:
      return 1;
    case CellKind::kSmallInt:
      return 2;
    case CellKind::kInt:
    case CellKind::kReal:
      return 4;
    case CellKind::kBigInt:
    case CellKind::kFloat:
      return 8;
    case CellKind::kDecimal:
      return sizeof(SQL_NUMERIC_STRUCT);
    case CellKind::kDate:
      return sizeof(SQL_DATE_STRUCT);
    case CellKind::kTime:
      return sizeof(Time2);
    case CellKind::kDateTime2:
      return sizeof(SQL_TIMESTAMP_STRUCT);
    case CellKind::kDateTimeOffset:
      return sizeof(TimestampOffset);
    case CellKind::kGuid:
      return 16;
    case CellKind::kText:
    case CellKind::kBinary:
      return 0;
  }
  return 0;
}

BulkSlot slot_of(const TargetType& type) {
  BulkSlot slot;
  slot.kind = schema::cell_kind(type);
  slot.type = static_cast<int>(type_of(slot.kind));
  slot.capacity = fixed_bytes(slot.kind);
  slot.precision = static_cast<std::uint8_t>(type.precision.value_or(18));
  slot.scale = static_cast<std::uint8_t>(type.scale.value_or(0));
  if (slot.capacity > 0) return slot;
  const int length = type.length.value_or(1);  // nvarchar without a length is nvarchar(1)
  slot.by_pointer = length == TargetType::kMax;
  if (!slot.by_pointer) slot.capacity = static_cast<std::size_t>(length) * (slot.kind == CellKind::kText ? 2 : 1);
  return slot;
}

struct Civil {
  std::int16_t year;
  std::uint16_t month;
  std::uint16_t day;
};

/// Days since 0001-01-01 to the Gregorian calendar, by eras of 400 years that begin in March.
Civil civil(std::int64_t days) {
  const auto since = static_cast<std::uint32_t>(days) + 306;  // since 0000-03-01
  const std::uint32_t era = since / 146'097;
  const std::uint32_t of_era = since % 146'097;
  const std::uint32_t year_of_era = (of_era - of_era / 1460 + of_era / 36'524 - of_era / 146'096) / 365;
  const std::uint32_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::uint32_t shifted = (5 * of_year + 2) / 153;
  const std::uint32_t month = shifted < 10 ? shifted + 3 : shifted - 9;
  return {static_cast<std::int16_t>(year_of_era + era * 400 + (month <= 2 ? 1 : 0)), static_cast<std::uint16_t>(month),
          static_cast<std::uint16_t>(of_year - (153 * shifted + 2) / 5 + 1)};
}

Time2 time_of(std::int64_t microseconds) {
  const auto seconds = static_cast<std::uint32_t>(microseconds / 1'000'000);
  return {static_cast<std::uint16_t>(seconds / 3600), static_cast<std::uint16_t>(seconds / 60 % 60),
          static_cast<std::uint16_t>(seconds % 60), static_cast<std::uint32_t>(microseconds % 1'000'000) * 1000};
}

SQL_TIMESTAMP_STRUCT timestamp(std::int64_t microseconds) {
  const Civil date = civil(microseconds / kMicrosecondsADay);
  const Time2 time = time_of(microseconds % kMicrosecondsADay);
  return {date.year, date.month, date.day, time.hour, time.minute, time.second, time.nanoseconds};
}

SQL_NUMERIC_STRUCT numeric(const BulkSlot& slot, const Cell& cell) {
  SQL_NUMERIC_STRUCT value{};
  value.precision = slot.precision;
  value.scale = static_cast<SQLSCHAR>(slot.scale);
  value.sign = cell.negative ? 0 : 1;
  std::memcpy(value.val, &cell.magnitude, sizeof value.val);  // little-endian, as this machine
  return value;
}

template <typename Value>
bool put(std::uint8_t* at, const Value& value) {
  const auto bytes = static_cast<std::int32_t>(sizeof value);
  std::memcpy(at, &bytes, sizeof bytes);
  std::memcpy(at + BulkRow::kIndicatorBytes, &value, sizeof value);
  return true;
}

bool put_bytes(std::uint8_t* at, const void* data, std::size_t size, std::size_t capacity) {
  if (size > capacity) return false;
  const auto bytes = static_cast<std::int32_t>(size);
  std::memcpy(at, &bytes, sizeof bytes);
  if (size > 0) std::memcpy(at + BulkRow::kIndicatorBytes, data, size);
  return true;
}

/// The first three groups of a uniqueidentifier are little-endian numbers.
std::array<std::uint8_t, 16> guid(const std::array<std::uint8_t, 16>& text_order) {
  auto bytes = text_order;
  std::swap(bytes[0], bytes[3]);
  std::swap(bytes[1], bytes[2]);
  std::swap(bytes[4], bytes[5]);
  std::swap(bytes[6], bytes[7]);
  return bytes;
}

bool within(std::int64_t value, std::int64_t end) {
  return value >= 0 && value < end;
}

}  // namespace

BulkRow::BulkRow(const std::vector<BulkColumn>& columns) {
  std::size_t end = 0;
  for (const BulkColumn& column : columns) {
    BulkSlot slot = slot_of(column.type);
    slot.offset = end + 8 - kIndicatorBytes;  // the data begins on 8 bytes
    end = (slot.offset + kIndicatorBytes + slot.capacity + 7) / 8 * 8;
    slots_.push_back(slot);
  }
  memory_.resize(end);
}

bool BulkRow::fill(const BulkSlot& slot, const Cell& cell) {
  std::uint8_t* at = memory_.data() + slot.offset;
  if (cell.null) {
    const std::int32_t none = SQL_NULL_DATA;
    std::memcpy(at, &none, sizeof none);
    return true;
  }
  switch (slot.kind) {
    case CellKind::kBit:
      return put(at, static_cast<std::uint8_t>(cell.integer != 0));
    case CellKind::kTinyInt:
      return within(cell.integer, 256) && put(at, static_cast<std::uint8_t>(cell.integer));
    case CellKind::kSmallInt:
      return put(at, static_cast<std::int16_t>(cell.integer));
    case CellKind::kInt:
      return put(at, static_cast<std::int32_t>(cell.integer));
    case CellKind::kBigInt:
      return put(at, cell.integer);
    case CellKind::kReal:
      return put(at, static_cast<float>(cell.real));
    case CellKind::kFloat:
      return put(at, cell.real);
    case CellKind::kDecimal:
      return put(at, numeric(slot, cell));
    case CellKind::kDate: {
      if (!within(cell.integer, kLastDay + 1)) return false;
      const Civil date = civil(cell.integer);
      return put(at, SQL_DATE_STRUCT{date.year, date.month, date.day});
    }
    case CellKind::kTime:
      return within(cell.integer, kMicrosecondsADay) && put(at, time_of(cell.integer));
    case CellKind::kDateTime2:
      return within(cell.integer, (kLastDay + 1) * kMicrosecondsADay) && put(at, timestamp(cell.integer));
    case CellKind::kDateTimeOffset:
      return within(cell.integer, (kLastDay + 1) * kMicrosecondsADay) &&
             put(at, TimestampOffset{timestamp(cell.integer), 0, 0});
    case CellKind::kGuid:
      return put(at, guid(cell.guid));
    case CellKind::kText:
      return put_bytes(at, cell.text.data(), cell.text.size() * 2, slot.capacity);
    case CellKind::kBinary:
      return put_bytes(at, cell.bytes.data(), cell.bytes.size(), slot.capacity);
  }
  return false;
}

}  // namespace millrace::sqlserver
