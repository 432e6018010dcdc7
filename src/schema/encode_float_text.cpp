#include "schema/encode_float_text.hpp"

#include <charconv>
#include <cmath>
#include <limits>

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

template <class Float>
std::string print(Float number, int longest_plain) {
  if (std::isnan(number)) return "NaN";
  if (std::isinf(number)) return number < 0 ? "-Infinity" : "Infinity";
  char buffer[64];
  const auto shortest = std::to_chars(buffer, buffer + sizeof buffer, number, std::chars_format::scientific);
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
