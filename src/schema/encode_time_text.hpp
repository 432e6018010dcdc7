#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

// PostgreSQL's dates and times as its binary forms hold them, read from and written to its text forms (DateStyle ISO,
// IntervalStyle iso_8601, TimeZone UTC).
namespace millrace::schema {

constexpr std::int64_t kMicrosPerSecond = 1000000;
constexpr std::int64_t kMicrosPerDay = 86400 * kMicrosPerSecond;
/// From 0000-03-01 to 2000-01-01.
constexpr std::int64_t kEpochDays = 730425;
/// 0001-01-01, counted from 2000-01-01: where SQL Server\'s dates begin.
constexpr std::int64_t kFirstDay = -730119;

/// timestamp and timestamptz: microseconds since 2000-01-01 00:00 (UTC), the ends of the range for infinities.
constexpr std::int64_t kInfinityMicros = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kMinusInfinityMicros = std::numeric_limits<std::int64_t>::min();
/// date: days since 2000-01-01.
constexpr std::int32_t kInfinityDays = std::numeric_limits<std::int32_t>::max();
constexpr std::int32_t kMinusInfinityDays = std::numeric_limits<std::int32_t>::min();

/// interval: three parts that are never turned into each other.
struct PgInterval {
  std::int64_t micros = 0;
  std::int32_t days = 0;
  std::int32_t months = 0;
};

// False when the text is none of the type. A zoned text's offset is taken off.
bool parse_date(std::string_view text, std::int32_t& days);
bool parse_timestamp(std::string_view text, bool zoned, std::int64_t& micros);
bool parse_time(std::string_view text, std::int64_t& micros);

// As date_out, timestamp_out, timestamptz_out (at UTC), time_out, timetz_out and interval_out write them.
void append_date(std::int32_t days, std::string& out);
void append_timestamp(std::int64_t micros, bool zoned, std::string& out);
void append_time(std::int64_t micros, std::string& out);
void append_timetz(std::int64_t micros, std::int32_t seconds_west, std::string& out);
void append_interval(const PgInterval& interval, std::string& out);

}  // namespace millrace::schema
