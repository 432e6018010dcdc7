#include "schema/encode_float_text.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>

#include "schema/cell.hpp"

namespace millrace::schema {
namespace {

template <class Float>
bool parse(std::string_view text, Float& number) {
  const bool negative = text.starts_with('-');
  const auto word = text.substr(negative ? 1 : 0);
  if (word == "Infinity" || word == "NaN") {
    number = word == "NaN" ? std::numeric_limits<Float>::quiet_NaN() : std::numeric_limits<Float>::infinity();
    if (negative) number = -number;
    return true;
  }
  // from_chars also reads "inf" and "nan", which PostgreSQL never writes.
  if (word.empty() || ((word[0] < '0' || word[0] > '9') && word[0] != '.')) return false;
  const char* end = text.data() + text.size();
  const auto [stop, fault] = std::from_chars(text.data(), end, number);
  return fault == std::errc{} && stop == end;
}

/// A number as an odd whole number times a power of two; zero has none.
struct Binary {
  Uint128 odd = 0;
  int power = 0;
  friend bool operator==(const Binary&, const Binary&) = default;
};

Binary odd_part(Uint128 number, int power) {
  for (; number != 0 && number % 2 == 0; number /= 2) ++power;
  return {number, power};
}

Binary exactly(long double number) {
  constexpr int kMantissaBits = 64;
  int power = 0;
  const long double fraction = std::frexp(std::abs(number), &power);
  return odd_part(static_cast<std::uint64_t>(std::ldexp(fraction, kMantissaBits)), power - kMantissaBits);
}

/// digits * 10^exponent; nothing when that is no whole number times a power of two, or one beyond 64 bits.
std::optional<Binary> exactly(std::uint64_t digits, int exponent) {
  constexpr int kMostFives = 27;  // 5^27 takes 63 bits
  if (exponent > kMostFives || exponent < -kMostFives) return std::nullopt;
  std::uint64_t fives = 1;
  for (int i = std::abs(exponent); i > 0; --i) fives *= 5;
  if (exponent < 0 && digits % fives != 0) return std::nullopt;
  return odd_part(exponent < 0 ? Uint128{digits / fives} : Uint128{digits} * fives, exponent);
}

/// True when this text, "-1.25e+07", lies exactly between `number` and a neighbour. It would be read back by the rule
/// "half to even", which PostgreSQL does not rely on (acceptBounds in d2s.c), unlike std::to_chars.
template <class Float>
bool half_way(std::string_view text, Float number) {
  std::uint64_t digits = 0;
  int behind = 0;
  bool point = false;
  const auto e = text.find('e');
  for (const char c : text.substr(0, e)) {
    if (c == '.') point = true;
    if (c < '0' || c > '9') continue;
    digits = digits * 10 + static_cast<unsigned>(c - '0');
    if (point) ++behind;
  }
  int exponent = 0;
  std::from_chars(text.data() + e + (text[e + 1] == '+' ? 2 : 1), text.data() + text.size(), exponent);
  const auto value = exactly(digits, exponent - behind);
  if (!value || digits == 0) return false;
  for (const Float side : {-std::numeric_limits<Float>::infinity(), std::numeric_limits<Float>::infinity()}) {
    const Float neighbour = std::nextafter(number, side);
    using Wide = long double;
    if (std::isfinite(neighbour) && *value == exactly((Wide{number} + Wide{neighbour}) / 2)) return true;
  }
  return false;
}

template <class Float>
std::string print(Float number, int longest_plain) {
  if (std::isnan(number)) return "NaN";
  if (std::isinf(number)) return number < 0 ? "-Infinity" : "Infinity";
  char buffer[64];
  char* const end = buffer + sizeof buffer;
  auto shortest = std::to_chars(buffer, end, number, std::chars_format::scientific);
  // How many digits behind the point the next longer form has: "1.2e7" gets two, "1e7" one.
  auto behind = static_cast<int>(std::string_view(buffer, shortest.ptr).find('e')) - (std::signbit(number) ? 2 : 1);
  for (; half_way(std::string_view(buffer, shortest.ptr), number); ++behind) {
    shortest = std::to_chars(buffer, end, number, std::chars_format::scientific, std::max(behind, 1));
  }
  std::string text(buffer, shortest.ptr);
  const auto e = text.find('e');
  int exponent = 0;
  std::from_chars(text.data() + e + (text[e + 1] == '+' ? 2 : 1), text.data() + text.size(), exponent);
  if (exponent < -4 || exponent >= longest_plain) return text;
  // Plain notation from the same digits.
  std::string digits;
  for (const char c : text.substr(0, e)) {
    if (c >= '0' && c <= '9') digits += c;
  }
  const std::string sign = std::signbit(number) ? "-" : "";
  if (exponent < 0) return sign + "0." + std::string(static_cast<std::size_t>(-exponent - 1), '0') + digits;
  const auto whole = static_cast<std::size_t>(exponent) + 1;
  if (digits.size() <= whole) return sign + digits + std::string(whole - digits.size(), '0');
  return sign + digits.substr(0, whole) + "." + digits.substr(whole);
}

constexpr int kFloatPlain = 6;
constexpr int kDoublePlain = 15;

}  // namespace

bool parse_float(std::string_view text, float& number) {
  return parse(text, number);
}
bool parse_float(std::string_view text, double& number) {
  return parse(text, number);
}

std::string float_text(float number) {
  return print(number, kFloatPlain);
}
std::string float_text(double number) {
  return print(number, kDoublePlain);
}

}  // namespace millrace::schema
