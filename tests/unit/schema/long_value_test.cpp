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

/// What encode() makes of it at once, as the target's bytes.
std::string whole_bytes(const CellEncoder& encoder, WireFormat format, const std::string& value) {
  Cell cell;
  encoder.encode(format, value, cell);
  if (!cell.bytes.empty()) return {cell.bytes.begin(), cell.bytes.end()};
  return {reinterpret_cast<const char*>(cell.text.data()), cell.text.size() * sizeof(char16_t)};
}

void expect_same(const ColumnMapping& column, WireFormat format, const std::string& value) {
  const auto encoder = make_encoder(column, ValuePolicy::kFail);
  const auto made = encoder->encode_long(format, {value});
  ASSERT_TRUE(made) << column.source.type.name;
  const auto whole = whole_bytes(*encoder, format, value);
  EXPECT_GE(whole.size(), 500'000U) << column.source.type.name;
  EXPECT_EQ(made->size, whole.size()) << column.source.type.name;
  EXPECT_TRUE(bytes_of(*made) == whole) << column.source.type.name;
}

std::string repeated(const std::string& part, int times) {
  std::string text;
  for (int i = 0; i < times; ++i) text += part;
  return text;
}

TEST(LongValue, EveryEncoderMakesTheSameInPiecesAsAtOnce) {
  const TargetType text_max{"nvarchar", TargetType::kMax};
  const std::string words = repeated("a\xE2\x82\xAC\xF0\x9F\x9A\x80 ", 50'000);
  for (const auto format : {WireFormat::kText, WireFormat::kBinary}) {
    expect_same(mapping(source_type("text")), format, words);
    expect_same(mapping(source_type("json")), format, "{\"all\": \"" + words + "\"}");
  }
  expect_same(mapping(source_type("jsonb")), WireFormat::kBinary, "\1\"" + words + "\"");
  expect_same(mapping(source_type("bytea")), WireFormat::kBinary, repeated(words, 2));
  expect_same(mapping(source_type("bytea")), WireFormat::kText, "\\x" + repeated("00fFa1", 300'000));
  expect_same(mapping(source_type("bytea"), ValuePolicy::kFail, text_max), WireFormat::kBinary, words);
  expect_same(mapping(source_type("bytea"), ValuePolicy::kFail, text_max), WireFormat::kText,
              "\\x" + repeated("00fa", 90'000));
  expect_same(mapping(source_type("varbit")), WireFormat::kText, repeated("0110", 100'000));
  expect_same(mapping(source_type("varbit")), WireFormat::kBinary,
              wire(std::int32_t{799'999}) + std::string(100'000, '\x5A'));

  auto texts = source_type("text");
  texts.is_array = true;
  expect_same(mapping(texts), WireFormat::kText,
              "{" + repeated("\"with \\\"quotes\\\", \xF0\x9F\x9A\x80\",NULL,plain\xE2\x82\xAC,", 20'000) + "last}");
  auto numbers = source_type("int4");
  numbers.is_array = true;
  expect_same(mapping(numbers), WireFormat::kText,
              "[0:1][1:100000]={{1" + repeated(",-23", 99'999) + "},{1" + repeated(",-23", 99'999) + "}}");
  auto store = source_type("hstore");
  store.schema = "public";
  expect_same(mapping(store), WireFormat::kText,
              repeated("\"k\"=>\"v\xE2\x82\xAC\", \"n\"=>NULL, ", 30'000) + "\"l\"=>\"\"");

  auto shape = source_type("geometry");
  shape.schema = "public";
  std::string line("\x01\x02\x00\x00\x00", 5);
  const std::uint32_t points = 40'000;
  line.append(reinterpret_cast<const char*>(&points), sizeof points);
  for (std::uint32_t i = 0; i < points; ++i) {
    const double pair[] = {i / 7.0, -1.0 * i};
    line.append(reinterpret_cast<const char*>(pair), sizeof pair);
  }
  expect_same(mapping(shape), WireFormat::kBinary, line);
  std::string hex;
  for (const char byte : line) {
    hex += "0123456789ABCDEF"[static_cast<unsigned char>(byte) >> 4U];
    hex += "0123456789ABCDEF"[static_cast<unsigned char>(byte) & 0xFU];
  }
  expect_same(mapping(shape), WireFormat::kText, hex);
}

TEST(LongValue, WhatIsNoValueIsLeftToTheWholeOnesJudgement) {
  auto texts = source_type("text");
  texts.is_array = true;
  const auto array = make_encoder(mapping(texts), ValuePolicy::kFail);
  const std::string unclosed = "{" + repeated("word,", 100'000) + "last";
  EXPECT_FALSE(array->encode_long(WireFormat::kText, {unclosed}));
  const std::string broken = "{" + repeated("word\xE2\x82,", 100'000) + "last}";
  EXPECT_FALSE(array->encode_long(WireFormat::kText, {broken}));
  const auto bits = make_encoder(mapping(source_type("varbit")), ValuePolicy::kFail);
  EXPECT_FALSE(bits->encode_long(WireFormat::kText, {repeated("01", 300'000) + "2"}));
  const auto narrow =
      make_encoder(mapping(source_type("text"), ValuePolicy::kFail, TargetType{"nvarchar", 100}), ValuePolicy::kFail);
  EXPECT_FALSE(narrow->encode_long(WireFormat::kText, {repeated("word", 100'000)})) << "no (max): it has no place";
}

}  // namespace
}  // namespace millrace::schema
