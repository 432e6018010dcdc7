#include <fmt/format.h>

#include "schema/encode_column.hpp"
#include "schema/encode_time_text.hpp"

namespace millrace::schema {
namespace {

constexpr std::int64_t kLastDay = kFirstDay + 3652058;  // 9999-12-31
constexpr int kMicroDigits = 6;

/// The microseconds of the last digit that a column of this scale keeps.
std::int64_t unit_of(int scale) {
  return scale >= kMicroDigits
             ? 1
             : static_cast<std::int64_t>(kPowersOfTen[static_cast<std::size_t>(kMicroDigits - scale)]);
}

template <class Integer>
Integer load_whole(const EncodeColumn& column, std::string_view value) {
  if (value.size() != sizeof(Integer)) refuse_bytes(column, WireFormat::kBinary);
  return load<Integer>(value.data());
}

/// A moment beyond SQL Server's years 1 to 9999; `above` tells on which side.
std::string_view beyond(bool infinite, bool above) {
  if (infinite) return above ? "infinity" : "-infinity";
  return above ? "a year above 9999" : "a year before Christ";
}

/// date: days since 2000-01-01 in binary.
class DateEncoder final : public CellEncoder {
 public:
  explicit DateEncoder(EncodeColumn column)
      : column_(std::move(column)), per_day_(column_.kind == CellKind::kDateTime2 ? kMicrosPerDay : 1) {}

  void encode(WireFormat format, std::string_view value, Cell& cell) const override {
    if (column_.kind == CellKind::kText && format == WireFormat::kText) return store_text(column_, value, cell);
    std::int32_t days = 0;
    if (format == WireFormat::kBinary) {
      days = load_whole<std::int32_t>(column_, value);
    } else if (!parse_date(value, days)) {
      refuse_bytes(column_, format);
    }
    if (column_.kind == CellKind::kText) {
      std::string text;
      append_date(days, text);
      return store_ascii(column_, text, cell);
    }
    cell.null = false;
    if (days >= kFirstDay && days <= kLastDay) {
      cell.integer = (days - kFirstDay) * per_day_;
      return;
    }
    const bool above = days > 0;
    if (column_.policy != ValuePolicy::kClamp) {
      return no_place(column_, beyond(days == kInfinityDays || days == kMinusInfinityDays, above), cell);
    }
    cell.integer = above ? (kLastDay - kFirstDay) * per_day_ : 0;
  }

 private:
  EncodeColumn column_;
  std::int64_t per_day_;
};

/// timestamp and timestamptz: microseconds since 2000-01-01 00:00 in binary, timestamptz in UTC.
class TimestampEncoder final : public CellEncoder {
 public:
  explicit TimestampEncoder(EncodeColumn column)
      : column_(std::move(column)), zoned_(column_.type.name == "timestamptz"), unit_(unit_of(column_.scale)) {}

  void encode(WireFormat format, std::string_view value, Cell& cell) const override {
    if (column_.kind == CellKind::kText && format == WireFormat::kText) return store_text(column_, value, cell);
    std::int64_t micros = 0;
    if (format == WireFormat::kBinary) {
      micros = load_whole<std::int64_t>(column_, value);
    } else if (!parse_timestamp(value, zoned_, micros)) {
      refuse_bytes(column_, format);
    }
    if (column_.kind == CellKind::kText) {
      std::string text;
      append_timestamp(micros, zoned_, text);
      return store_ascii(column_, text, cell);
    }
    store(micros, cell);
  }

 private:
  static constexpr std::int64_t kFirst = kFirstDay * kMicrosPerDay;
  static constexpr std::int64_t kEnd = (kLastDay + 1) * kMicrosPerDay;

  void store(std::int64_t micros, Cell& cell) const {
    cell.null = false;
    if (micros < kFirst || micros >= kEnd) {
      const bool above = micros > 0;
      if (column_.policy != ValuePolicy::kClamp) {
        return no_place(column_, beyond(micros == kInfinityMicros || micros == kMinusInfinityMicros, above), cell);
      }
      cell.integer = above ? kEnd - kFirst - unit_ : 0;
      return;
    }
    cell.integer = micros - kFirst;
    // Both ends of the range are whole days, so the digits behind the second are the same.
    if (unit_ != 1 && cell.integer % unit_ != 0) {
      no_place(column_, fmt::format("a time with more than {} digits behind the second", column_.scale), cell);
    }
  }

  EncodeColumn column_;
  bool zoned_;
  std::int64_t unit_;
};

/// time: microseconds since midnight in binary.
class TimeEncoder final : public CellEncoder {
 public:
  explicit TimeEncoder(EncodeColumn column) : column_(std::move(column)), unit_(unit_of(column_.scale)) {}

  void encode(WireFormat format, std::string_view value, Cell& cell) const override {
    if (column_.kind == CellKind::kText && format == WireFormat::kText) return store_text(column_, value, cell);
    std::int64_t micros = 0;
    if (format == WireFormat::kBinary) {
      micros = load_whole<std::int64_t>(column_, value);
      if (micros < 0 || micros > kMicrosPerDay) refuse_bytes(column_, format);
    } else if (!parse_time(value, micros)) {
      refuse_bytes(column_, format);
    }
    if (column_.kind == CellKind::kText) {
      std::string text;
      append_time(micros, text);
      return store_ascii(column_, text, cell);
    }
    cell.null = false;
    cell.integer = micros;
    if (micros == kMicrosPerDay) {
      if (column_.policy != ValuePolicy::kClamp) return no_place(column_, "24:00:00", cell);
      cell.integer = kMicrosPerDay - unit_;
    } else if (micros % unit_ != 0) {
      no_place(column_, fmt::format("a time with more than {} digits behind the second", column_.scale), cell);
    }
  }

 private:
  EncodeColumn column_;
  std::int64_t unit_;
};

/// interval and timetz, which SQL Server knows as text only.
class SpanEncoder final : public CellEncoder {
 public:
  explicit SpanEncoder(EncodeColumn column) : column_(std::move(column)), interval_(column_.type.name == "interval") {}

  void encode(WireFormat format, std::string_view value, Cell& cell) const override {
    if (format == WireFormat::kText) return store_text(column_, value, cell);
    std::string text;
    if (interval_) {
      if (value.size() != kIntervalBytes) refuse_bytes(column_, format);
      append_interval({.micros = load<std::int64_t>(value.data()),
                       .days = load<std::int32_t>(value.data() + 8),
                       .months = load<std::int32_t>(value.data() + 12)},
                      text);
    } else {
      if (value.size() != kTimetzBytes) refuse_bytes(column_, format);
      const auto micros = load<std::int64_t>(value.data());
      if (micros < 0 || micros > kMicrosPerDay) refuse_bytes(column_, format);
      append_timetz(micros, load<std::int32_t>(value.data() + 8), text);
    }
    store_ascii(column_, text, cell);
  }

 private:
  static constexpr std::size_t kIntervalBytes = 16;
  static constexpr std::size_t kTimetzBytes = 12;

  EncodeColumn column_;
  bool interval_;
};

}  // namespace

std::unique_ptr<CellEncoder> moment_encoder(EncodeColumn column) {
  const auto& source = column.type.name;
  const auto kind = column.kind;
  if (source == "date") {
    if (kind != CellKind::kDate && kind != CellKind::kDateTime2 && kind != CellKind::kText) return nullptr;
    return std::make_unique<DateEncoder>(std::move(column));
  }
  if (source == "time") {
    if (kind != CellKind::kTime && kind != CellKind::kText) return nullptr;
    return std::make_unique<TimeEncoder>(std::move(column));
  }
  // A timestamptz is an instant, which datetime2 can hold at UTC; a timestamp is no instant.
  const bool instant = source == "timestamptz" && kind == CellKind::kDateTimeOffset;
  if (!instant && kind != CellKind::kDateTime2 && kind != CellKind::kText) return nullptr;
  return std::make_unique<TimestampEncoder>(std::move(column));
}

std::unique_ptr<CellEncoder> interval_encoder(EncodeColumn column) {
  if (column.kind != CellKind::kText) return nullptr;
  return std::make_unique<SpanEncoder>(std::move(column));
}

}  // namespace millrace::schema
