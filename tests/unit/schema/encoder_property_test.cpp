#include <rapidcheck.h>

#include <algorithm>
#include <bit>
#include <cmath>

#include "encoder_fixture.hpp"
#include "schema/encode_float_text.hpp"
#include "schema/encode_time_text.hpp"
#include "support/utf16.hpp"

// Random values: both formats give the same cell, and the cell is the value.
namespace millrace::schema {
namespace {

const TargetType kMaxText = {"nvarchar", TargetType::kMax};

/// A number as PostgreSQL would send it: its digits, split into groups of four around the point.
struct Numeric {
  std::string text;
  std::string binary;
};

Numeric numeric_of(bool negative, const std::string& whole, const std::string& fraction) {
  std::string padded = std::string((4 - whole.size() % 4) % 4, '0') + whole + fraction;
  padded += std::string((4 - fraction.size() % 4) % 4, '0');
  std::vector<std::int16_t> groups;
  for (std::size_t at = 0; at < padded.size(); at += 4) {
    groups.push_back(static_cast<std::int16_t>(std::stoi(padded.substr(at, 4))));
  }
  auto weight = static_cast<std::int16_t>((whole.size() + 3) / 4 - 1);
  while (!groups.empty() && groups.front() == 0) {
    groups.erase(groups.begin());
    --weight;
  }
  while (!groups.empty() && groups.back() == 0) groups.pop_back();
  const bool zero = groups.empty();
  negative = negative && !zero;
  auto binary = wire(static_cast<std::int16_t>(groups.size()), zero ? std::int16_t{0} : weight,
                     static_cast<std::int16_t>(negative ? 0x4000 : 0), static_cast<std::int16_t>(fraction.size()));
  for (const auto group : groups) binary += wire(group);
  const auto first = whole.find_first_not_of('0');
  return {(negative ? "-" : "") + (first == std::string::npos ? "0" : whole.substr(first)) +
              (fraction.empty() ? "" : "." + fraction),
          binary};
}

rc::Gen<std::string> digits(int least, int most) {
  return rc::gen::mapcat(rc::gen::inRange(least, most + 1), [](int size) {
    return rc::gen::container<std::string>(static_cast<std::size_t>(size),
                                           rc::gen::inRange('0', static_cast<char>('9' + 1)));
  });
}

TEST(EncoderProperty, Numeric) {
  Encoded text(mapping(source_type("numeric"), {}, kMaxText));
  EXPECT_TRUE(rc::check([&] {
    const auto number = numeric_of(*rc::gen::arbitrary<bool>(), *digits(1, 60), *digits(0, 50));
    RC_ASSERT(text.text(number.text) == number.text);
    RC_ASSERT(text.binary(number.binary) == number.text);
  }));
  EXPECT_TRUE(rc::check([] {
    const int scale = *rc::gen::inRange(0, 39);
    const int precision = *rc::gen::inRange(std::max(scale, 1), 39);
    const auto fraction = *digits(0, scale);
    const auto number = numeric_of(*rc::gen::arbitrary<bool>(), *digits(1, std::max(precision - scale, 1)), fraction);
    Encoded decimal(mapping(source_type("numeric"), {}, decimal_type(precision, scale)));
    const auto cell = decimal.text(number.text);
    RC_ASSERT(decimal.binary(number.binary) == cell);
    auto expected = number.text;
    if (scale > 0 && fraction.empty()) expected += '.';
    expected += std::string(static_cast<std::size_t>(scale) - fraction.size(), '0');
    if (scale < precision) {
      RC_ASSERT(cell == expected);
    } else {
      RC_ASSERT(cell == expected || cell.starts_with("refused"));  // a digit before the point
    }
  }));
}

template <class Integer>
void check_integers(const char* type) {
  Encoded column(mapping(source_type(type)));
  EXPECT_TRUE(rc::check([&] {
    const auto value = *rc::gen::arbitrary<Integer>();
    const auto text = std::to_string(value);
    RC_ASSERT(column.text(text) == text);
    RC_ASSERT(column.binary(wire(value)) == text);
    RC_ASSERT(column.cell().integer == std::int64_t{value});
  }));
}

TEST(EncoderProperty, Integers) {
  check_integers<std::int16_t>("int2");
  check_integers<std::int32_t>("int4");
  check_integers<std::int64_t>("int8");
  check_integers<std::uint32_t>("oid");
}

TEST(EncoderProperty, Floats) {
  Encoded wide(mapping(source_type("float8")));
  Encoded real(mapping(source_type("float4")));
  EXPECT_TRUE(rc::check([&] {
    const auto bits = *rc::gen::arbitrary<std::uint64_t>();
    const auto number = std::bit_cast<double>(bits);
    RC_PRE(std::isfinite(number));
    RC_ASSERT(wide.text(float_text(number)) == wide.binary(wire(bits)));
    wide.text(float_text(number));
    RC_ASSERT(std::bit_cast<std::uint64_t>(wide.cell().real) == bits);
  }));
  EXPECT_TRUE(rc::check([&] {
    const auto bits = *rc::gen::arbitrary<std::uint32_t>();
    const auto number = std::bit_cast<float>(bits);
    RC_PRE(std::isfinite(number));
    real.text(float_text(number));
    RC_ASSERT(std::bit_cast<std::uint64_t>(real.cell().real) ==
              std::bit_cast<std::uint64_t>(static_cast<double>(number)));
    RC_ASSERT(real.binary(wire(bits)) == float_text(number));
  }));
}

TEST(EncoderProperty, MomentsAndSpans) {
  for (const auto& [type, least, most] : {std::tuple{"timestamp", -211813488000000000, 9223371331200000000},
                                          {"timestamptz", -63082281600000000, 252455615999999999},
                                          {"time", 0L, 86400000000L}}) {
    for (const auto policy : {ValuePolicy::kClamp, ValuePolicy::kText}) {
      Encoded column(mapping(source_type(type), policy), policy);
      Encoded printed(mapping(source_type(type), {}, kMaxText));
      EXPECT_TRUE(rc::check([&, low = least, high = most] {
        const auto micros = *rc::gen::inRange<std::int64_t>(low, high);
        const auto text = printed.binary(wire(micros));
        RC_ASSERT(column.text(text) == column.binary(wire(micros)));
      })) << type;
    }
  }
  Encoded date(mapping(source_type("date")), ValuePolicy::kClamp);
  EXPECT_TRUE(rc::check([&] {
    const auto days = *rc::gen::inRange<std::int32_t>(-2451545, 106000000);
    std::string text;
    append_date(days, text);
    std::int32_t back = 0;
    RC_ASSERT(parse_date(text, back) && back == days);
    RC_ASSERT(date.text(text) == date.binary(wire(days)));
  }));
}

/// Text of any code points, more often than not beyond ASCII.
rc::Gen<std::string> unicode() {
  const auto point = rc::gen::oneOf(rc::gen::inRange<char32_t>(1, 0x80), rc::gen::inRange<char32_t>(0x80, 0xD800),
                                    rc::gen::inRange<char32_t>(0xE000, 0x110000));
  return rc::gen::map(rc::gen::container<std::u32string>(point), [](const std::u32string& points) {
    std::u16string units;
    for (const char32_t c : points) {
      if (c < 0x10000) {
        units += static_cast<char16_t>(c);
      } else {
        units += static_cast<char16_t>(0xD800 + ((c - 0x10000) >> 10U));
        units += static_cast<char16_t>(0xDC00 + ((c - 0x10000) & 0x3FFU));
      }
    }
    return to_utf8(units);
  });
}

TEST(EncoderProperty, Texts) {
  Encoded column(mapping(source_type("text")));
  EXPECT_TRUE(rc::check([&] {
    const auto text = *unicode() + std::string(static_cast<std::size_t>(*rc::gen::inRange(0, 40)), 'x') + *unicode();
    column.text(text);
    RC_ASSERT(column.cell().text == to_utf16(text));
    column.binary(text);
    RC_ASSERT(column.cell().text == to_utf16(text));
  }));
}

TEST(EncoderProperty, TextArraysKeepNullsAndEveryCharacter) {
  auto type = source_type("text");
  type.is_array = true;
  Encoded column(mapping(type));
  EXPECT_TRUE(rc::check([&] {
    std::string array;
    std::string json;
    for (const auto& element : *rc::gen::container<std::vector<std::optional<std::string>>>(rc::gen::oneOf(
             rc::gen::just(std::optional<std::string>()),
             rc::gen::map(unicode(), [](std::string text) { return std::optional(std::move(text)); })))) {
      array += array.empty() ? "{" : ",";
      json += json.empty() ? "[" : ",";
      if (!element) {
        array += "NULL";
        json += "null";
        continue;
      }
      array += '"';
      json += '"';
      for (const char c : *element) {
        if (c == '"' || c == '\\') array += '\\';
        array += c;
        constexpr std::string_view kNamed = "\"\\\n\r\t";
        constexpr std::string_view kNames = "\"\\nrt";
        if (const auto named = kNamed.find(c); named != std::string_view::npos) {
          json += '\\';
          json += kNames[named];
        } else if (c >= 0 && c < 0x20) {
          constexpr std::string_view kHex = "0123456789abcdef";
          json += "\\u00";
          json += kHex[static_cast<std::size_t>(c) >> 4U];
          json += kHex[static_cast<std::size_t>(c) & 0xFU];
        } else {
          json += c;
        }
      }
      array += '"';
      json += '"';
    }
    if (array.empty()) array = "{", json = "[";
    RC_ASSERT(column.text(array + "}") == json + "]");
  }));
}

TEST(EncoderProperty, NoBytesDoMoreThanBeRefused) {
  for (const char* name :
       {"bool", "int4", "float4", "float8", "numeric", "money", "text", "jsonb", "bytea", "date", "timestamp",
        "timestamptz", "time", "timetz", "interval", "uuid", "varbit", "hstore", "inet"}) {
    for (const bool array : {false, true}) {
      auto type = source_type(name);
      type.is_array = array;
      for (const auto policy : {ValuePolicy::kFail, ValuePolicy::kClamp, ValuePolicy::kText}) {
        Encoded column(mapping(type, policy), policy);
        EXPECT_TRUE(rc::check([&] {
          const auto bytes = *rc::gen::container<std::string>(rc::gen::oneOf(
              rc::gen::arbitrary<char>(), rc::gen::elementOf(std::string("{}[]()\",:=\\0123456789-+.e NULtf"))));
          column.text(bytes);
          column.binary(bytes);
        })) << name;
      }
    }
  }
}

}  // namespace
}  // namespace millrace::schema
