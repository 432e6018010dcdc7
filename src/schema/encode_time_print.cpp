#include <fmt/format.h>

#include "schema/encode_time_text.hpp"

namespace millrace::schema {
namespace {

/// ".123456" without zeros at the end; nothing for a whole second.
void append_fraction(std::int64_t micros, std::string& out) {
  if (micros == 0) return;
  out += fmt::format(".{:06}", micros);
  while (out.back() == '0') out.pop_back();
}

/// Writes the date; true when it is before Christ, which PostgreSQL says at the very end.
bool append_civil(std::int64_t days, std::string& out) {
  days += kEpochDays;
  const std::int64_t era = (days >= 0 ? days : days - 146096) / 146097;
  const std::int64_t day_of_era = days - era * 146097;
  const std::int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const std::int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t shifted_month = (5 * day_of_year + 2) / 153;
  const std::int64_t day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
  const std::int64_t month = shifted_month + (shifted_month < 10 ? 3 : -9);
  const std::int64_t year = year_of_era + era * 400 + (month <= 2 ? 1 : 0);
  out += fmt::format("{:04}-{:02}-{:02}", year > 0 ? year : 1 - year, month, day);
  return year <= 0;
}

void append_part(std::int64_t value, char unit, std::string& out) {
  if (value != 0) out += fmt::format("{}{}", value, unit);
}

}  // namespace

void append_date(std::int32_t days, std::string& out) {
  if (days == kInfinityDays || days == kMinusInfinityDays) {
    out += days < 0 ? "-infinity" : "infinity";
    return;
  }
  if (append_civil(days, out)) out += " BC";
}

void append_timestamp(std::int64_t micros, bool zoned, std::string& out) {
  if (micros == kInfinityMicros || micros == kMinusInfinityMicros) {
    out += micros < 0 ? "-infinity" : "infinity";
    return;
  }
  std::int64_t days = micros / kMicrosPerDay;
  std::int64_t time = micros % kMicrosPerDay;
  if (time < 0) {
    time += kMicrosPerDay;
    --days;
  }
  const bool before_christ = append_civil(days, out);
  out += ' ';
  append_time(time, out);
  if (zoned) out += "+00";
  if (before_christ) out += " BC";
}

void append_time(std::int64_t micros, std::string& out) {
  const std::int64_t seconds = micros / kMicrosPerSecond;
  out += fmt::format("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
  append_fraction(micros % kMicrosPerSecond, out);
}

void append_timetz(std::int64_t micros, std::int32_t seconds_west, std::string& out) {
  append_time(micros, out);
  const std::int64_t offset = seconds_west < 0 ? -std::int64_t{seconds_west} : std::int64_t{seconds_west};
  out += fmt::format("{}{:02}", seconds_west <= 0 ? '+' : '-', offset / 3600);
  if (offset % 3600 != 0) out += fmt::format(":{:02}", offset / 60 % 60);
  if (offset % 60 != 0) out += fmt::format(":{:02}", offset % 60);
}

void append_interval(const PgInterval& interval, std::string& out) {
  // PostgreSQL 17: all parts at the end of their range.
  if (interval.micros == kInfinityMicros && interval.days == kInfinityDays && interval.months == kInfinityDays) {
    out += "infinity";
    return;
  }
  if (interval.micros == kMinusInfinityMicros && interval.days == kMinusInfinityDays &&
      interval.months == kMinusInfinityDays) {
    out += "-infinity";
    return;
  }
  if (interval.micros == 0 && interval.days == 0 && interval.months == 0) {
    out += "PT0S";
    return;
  }
  out += 'P';
  append_part(interval.months / 12, 'Y', out);
  append_part(interval.months % 12, 'M', out);
  append_part(interval.days, 'D', out);
  if (interval.micros == 0) return;
  out += 'T';
  append_part(interval.micros / (3600 * kMicrosPerSecond), 'H', out);
  append_part(interval.micros / (60 * kMicrosPerSecond) % 60, 'M', out);
  const std::int64_t rest = interval.micros % (60 * kMicrosPerSecond);
  if (rest == 0) return;
  const std::int64_t size = rest < 0 ? -rest : rest;
  out += fmt::format("{}{}", rest < 0 ? "-" : "", size / kMicrosPerSecond);
  append_fraction(size % kMicrosPerSecond, out);
  out += 'S';
}

}  // namespace millrace::schema
