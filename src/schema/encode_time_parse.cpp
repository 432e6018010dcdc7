#include "schema/encode_time_text.hpp"

namespace millrace::schema {
namespace {

constexpr int kYearDigits = 6;  // up to 294276

/// Days since 2000-01-01 in the Gregorian calendar, which PostgreSQL uses for all times. Year 0 is 1 BC.
std::int64_t days_from_civil(std::int64_t year, std::int64_t month, std::int64_t day) {
  // Years that begin in March put the leap day last ("chrono-Compatible Low-Level Date Algorithms", H. Hinnant).
  year -= month <= 2 ? 1 : 0;
  const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
  const std::int64_t year_of_era = year - era * 400;
  const std::int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  const std::int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - kEpochDays;
}

class Reader {
 public:
  explicit Reader(std::string_view text) : at_(text.data()), end_(text.data() + text.size()) {}

  bool done() const { return at_ == end_; }
  bool skip(char c) {
    if (done() || *at_ != c) return false;
    ++at_;
    return true;
  }
  /// A number of `least` to `most` digits.
  bool number(int least, int most, std::int64_t& value) {
    value = 0;
    int digits = 0;
    for (; at_ != end_ && *at_ >= '0' && *at_ <= '9' && digits < most; ++at_, ++digits)
      value = value * 10 + (*at_ - '0');
    return digits >= least;
  }
  /// Digits behind a point, as microseconds.
  bool fraction(std::int64_t& micros) {
    const char* start = at_;
    if (!number(1, 6, micros)) return false;
    for (auto digits = at_ - start; digits < 6; ++digits) micros *= 10;
    return true;
  }
  /// "-07-04": year to day. The era follows later.
  bool date(std::int64_t& year, std::int64_t& month, std::int64_t& day) {
    return number(4, kYearDigits + 1, year) && skip('-') && number(2, 2, month) && skip('-') && number(2, 2, day) &&
           month >= 1 && month <= 12 && day >= 1 && day <= 31;
  }
  bool time(std::int64_t& micros) {
    std::int64_t hours = 0;
    std::int64_t minutes = 0;
    std::int64_t seconds = 0;
    std::int64_t fraction_micros = 0;
    if (!number(2, 2, hours) || !skip(':') || !number(2, 2, minutes) || !skip(':') || !number(2, 2, seconds)) {
      return false;
    }
    if (hours > 24 || minutes > 59 || seconds > 60) return false;
    if (skip('.') && !fraction(fraction_micros)) return false;
    micros = ((hours * 60 + minutes) * 60 + seconds) * kMicrosPerSecond + fraction_micros;
    return micros <= kMicrosPerDay;
  }
  /// "+05:45" or "-08" or "+00:00:30", as seconds east.
  bool offset(std::int64_t& seconds) {
    const bool west = skip('-');
    if (!west && !skip('+')) return false;
    std::int64_t hours = 0;
    std::int64_t minutes = 0;
    std::int64_t rest = 0;
    if (!number(2, 2, hours)) return false;
    if (skip(':') && !number(2, 2, minutes)) return false;
    if (skip(':') && !number(2, 2, rest)) return false;
    seconds = (hours * 60 + minutes) * 60 + rest;
    if (west) seconds = -seconds;
    return true;
  }
  /// The end, or " BC" and the end; then the year is turned into the astronomical one.
  bool era(std::int64_t& year) {
    if (done()) return year >= 1;
    if (!skip(' ') || !skip('B') || !skip('C') || !done()) return false;
    year = 1 - year;
    return true;
  }

 private:
  const char* at_;
  const char* end_;
};

}  // namespace

bool parse_date(std::string_view text, std::int32_t& days) {
  if (text == "infinity" || text == "-infinity") {
    days = text[0] == '-' ? kMinusInfinityDays : kInfinityDays;
    return true;
  }
  Reader reader(text);
  std::int64_t year = 0;
  std::int64_t month = 0;
  std::int64_t day = 0;
  if (!reader.date(year, month, day) || !reader.era(year)) return false;
  const auto count = days_from_civil(year, month, day);
  days = static_cast<std::int32_t>(count);
  return count == days && days != kInfinityDays;
}

bool parse_timestamp(std::string_view text, bool zoned, std::int64_t& micros) {
  if (text == "infinity" || text == "-infinity") {
    micros = text[0] == '-' ? kMinusInfinityMicros : kInfinityMicros;
    return true;
  }
  Reader reader(text);
  std::int64_t year = 0;
  std::int64_t month = 0;
  std::int64_t day = 0;
  std::int64_t time = 0;
  std::int64_t east = 0;
  if (!reader.date(year, month, day) || !reader.skip(' ') || !reader.time(time)) return false;
  if (zoned && !reader.offset(east)) return false;
  if (!reader.era(year)) return false;
  const std::int64_t days = days_from_civil(year, month, day);
  return !__builtin_mul_overflow(days, kMicrosPerDay, &micros) && !__builtin_add_overflow(micros, time, &micros) &&
         !__builtin_sub_overflow(micros, east * kMicrosPerSecond, &micros) && micros != kInfinityMicros &&
         micros != kMinusInfinityMicros;
}

bool parse_time(std::string_view text, std::int64_t& micros) {
  Reader reader(text);
  return reader.time(micros) && reader.done();
}

}  // namespace millrace::schema
