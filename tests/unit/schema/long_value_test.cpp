#include "schema/long_value.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>

#include "encoder_fixture.hpp"
#include "schema/cell_utf16.hpp"

namespace millrace::schema {
namespace {

std::string bytes_of(const LongValue& value) {
  std::string bytes;
  read_long_value(value,
                  [&](const void* piece, std::size_t size) { bytes.append(static_cast<const char*>(piece), size); });
  return bytes;
}

std::string utf16_bytes(const std::string& text) {
  std::u16string units;
  EXPECT_TRUE(append_utf16(text, units));
  return {reinterpret_cast<const char*>(units.data()), units.size() * sizeof(char16_t)};
}

TEST(LongValue, CharactersAreNotCutWhereAPieceEnds) {
  // Each shift moves other bytes of the characters to the end of a piece of 256 KiB.
  for (std::size_t shift = 0; shift < 10; ++shift) {
    std::string text(shift, 'a');
    while (text.size() < 600'000) text += "\xE2\x82\xAC\xF0\x9F\x9A\x80\xC3\xA9";
    const auto value = long_value(LongValue::Form::kUtf8, {text});
    ASSERT_TRUE(value);
    const auto whole = utf16_bytes(text);
    EXPECT_EQ(value->size, whole.size());
    EXPECT_EQ(bytes_of(*value), whole);
  }
}

RC_GTEST_PROP(LongValue, IsWhatTheWholeWouldBe, ()) {
  const auto piece = *rc::gen::container<std::u32string>(rc::gen::oneOf(rc::gen::inRange<char32_t>(1, 0x80),
                                                                        rc::gen::inRange<char32_t>(0x80, 0xD800),
                                                                        rc::gen::inRange<char32_t>(0xE000, 0x110000)));
  std::string one;
  for (const char32_t point : piece) {
    if (point < 0x80) {
      one += static_cast<char>(point);
    } else if (point < 0x800) {
      one += {static_cast<char>(0xC0U | point >> 6U), static_cast<char>(0x80U | (point & 0x3FU))};
    } else if (point < 0x10000) {
      one += {static_cast<char>(0xE0U | point >> 12U), static_cast<char>(0x80U | (point >> 6U & 0x3FU)),
              static_cast<char>(0x80U | (point & 0x3FU))};
    } else {
      one += {static_cast<char>(0xF0U | point >> 18U), static_cast<char>(0x80U | (point >> 12U & 0x3FU)),
              static_cast<char>(0x80U | (point >> 6U & 0x3FU)), static_cast<char>(0x80U | (point & 0x3FU))};
    }
  }
  std::string text;
  while (!one.empty() && text.size() < 600'000) text += one;
  const auto value = long_value(LongValue::Form::kUtf8, {text});
  RC_ASSERT(value.has_value());
  RC_ASSERT(bytes_of(*value) == utf16_bytes(text));
  RC_ASSERT(value->size == utf16_bytes(text).size());
}

TEST(LongValue, WhatIsNotUtf8IsNone) {
  const std::string good(300'000, 'a');
  for (const std::string bad : {"\xFF", "\xE2\x82", "\xED\xA0\x80", "\x80\x80\x80\x80\x80"}) {
    EXPECT_FALSE(long_value(LongValue::Form::kUtf8, {good + bad + good}));
    EXPECT_FALSE(long_value(LongValue::Form::kUtf8, {good + bad}));
    // Over the end of the first piece.
    EXPECT_FALSE(long_value(LongValue::Form::kUtf8, {std::string((256U << 10U) - 1, 'a') + bad + good}));
  }
}

TEST(LongValue, HexDigitsAreBytes) {
  std::string hex;
  std::string bytes;
  for (int i = 0; i < 400'000; ++i) {
    constexpr char kDigits[] = "0123456789abcdefABCDEF";
    hex += {kDigits[i % 22], kDigits[i % 16]};
    const int high = i % 22 < 16 ? i % 22 : i % 22 - 6;
    bytes += static_cast<char>(high * 16 + i % 16);
  }
  const auto value = long_value(LongValue::Form::kHex, {hex});
  ASSERT_TRUE(value);
  EXPECT_EQ(value->size, bytes.size());
  EXPECT_EQ(bytes_of(*value), bytes);
  EXPECT_FALSE(long_value(LongValue::Form::kHex, {hex + "0"}));
  EXPECT_FALSE(long_value(LongValue::Form::kHex, {hex + "0g" + hex}));
}

}  // namespace
}  // namespace millrace::schema
