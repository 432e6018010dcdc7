#include <bit>

#include "encoder_fixture.hpp"

namespace millrace::schema {
namespace {

using namespace std::string_literals;

TEST(TextEncoder, KeepsTextFromBothFormats) {
  for (const char* type : {"text", "varchar", "bpchar", "name", "json"}) {
    Encoded column(mapping(source_type(type)));
    for (const char* text :
         {"", "x", "0123456789abcdef0123456789ABCDEF!", "漢字 עברית 🏴‍☠️ é and then sixteen more",
          "trail   ", "line\nbreak\ttab"}) {
      EXPECT_EQ(column.text(text), text);
      EXPECT_EQ(column.binary(text), text);
    }
  }
}

TEST(TextEncoder, TakesTheVersionByteOffJsonb) {
  Encoded column(mapping(source_type("jsonb")));
  EXPECT_EQ(column.text("{\"a\": 1}"), "{\"a\": 1}");
  EXPECT_EQ(column.binary("\1{\"a\": 1}"), "{\"a\": 1}");
  EXPECT_EQ(column.binary("\2{}"), "malformed");
  EXPECT_EQ(column.binary(""), "malformed");
}

TEST(TextEncoder, CountsUtf16Units) {
  Encoded column(mapping(source_type("text"), {}, TargetType{"nvarchar", 4}));
  EXPECT_EQ(column.text("😀😀"), "😀😀");
  EXPECT_EQ(column.cell().text.size(), 4U);
  EXPECT_EQ(column.text("😀😀x"), "refused: column c: a text of 5 UTF-16 units has no place in nvarchar(4)");
  Encoded fixed(mapping(source_type("bpchar", 4), {}, TargetType{"nchar", 4}));
  EXPECT_EQ(fixed.text("ab  "), "ab  ");
  EXPECT_TRUE(fixed.text("abc").starts_with("refused"));
}

TEST(TextEncoder, RefusesWhatIsNotUtf8) {
  Encoded column(mapping(source_type("text")));
  for (const auto& text : {"\xFF"s, "abc\xC3"s, "\xC0\x80"s, "\xED\xA0\x80"s, "\xF4\x90\x80\x80"s, "\xE2\x28\xA1"s,
                           "0123456789abcdef0123456789abcde\x80"s}) {
    EXPECT_EQ(column.text(text), "refused: column c: a text that is not valid UTF-8 has no place in nvarchar(max)");
  }
}

TEST(TextEncoder, ReadsTextOnlyOfTypesWhoseBinaryFormIsNotKnown) {
  Encoded column(mapping(source_type("tsvector")));
  EXPECT_EQ(column.text("'a':1A"), "'a':1A");
  EXPECT_EQ(column.binary("'a':1A"), "malformed");
}

TEST(TextEncoder, RefusesTypesThatAreNoText) {
  for (const char* target : {"int", "varchar", "xml", "text", "datetime"}) {
    try {
      make_encoder(mapping(source_type("text"), {}, TargetType{target}), {});
      FAIL() << target;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kTableUnsupported);
      EXPECT_NE(error.message().find("column c"), std::string::npos) << error.message();
    }
  }
  EXPECT_THROW(make_encoder(mapping(source_type("numeric"), {}, decimal_type(39, 2)), {}), Error);
  EXPECT_THROW(make_encoder(mapping(source_type("numeric"), {}, decimal_type(4, 5)), {}), Error);
}

TEST(BytesEncoder, ReadsHexAndBytes) {
  Encoded column(mapping(source_type("bytea")));
  EXPECT_EQ(column.text("\\x00ff10"), "0x00FF10");
  EXPECT_EQ(column.binary("\0\xFF\x10"s), "0x00FF10");
  EXPECT_EQ(column.text("\\x"), "0x");
  for (const char* text : {"", "00", "\\x0", "\\xgg", "\\000"}) EXPECT_EQ(column.text(text), "malformed") << text;
  Encoded key(mapping(source_type("bytea"), {}, TargetType{"varbinary", 2}));
  EXPECT_EQ(key.binary("ab"), "0x6162");
  EXPECT_EQ(key.binary("abc"), "refused: column c: a value of 3 bytes has no place in varbinary(2)");
  EXPECT_EQ(key.text("\\x616263"), key.binary("abc"));
}

TEST(UuidEncoder, KeepsTheOrderOfTheText) {
  Encoded column(mapping(source_type("uuid")));
  const std::string text = "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11";
  EXPECT_EQ(column.text(text), text);
  EXPECT_EQ(column.cell().guid[0], 0xA0);
  EXPECT_EQ(column.cell().guid[15], 0x11);
  EXPECT_EQ(column.binary(std::string(reinterpret_cast<const char*>(column.cell().guid.data()), 16)), text);
  EXPECT_EQ(column.text("a0eebc999c0b4ef8bb6d6bb9bd380a11"), "malformed");
  EXPECT_EQ(column.binary("short"), "malformed");
  EXPECT_EQ(Encoded(mapping(source_type("uuid"), {}, TargetType{"nvarchar", 36})).text(text), text);
}

TEST(BitsEncoder, ReadsOneBitAsBitAndMoreAsText) {
  Encoded bit(mapping(source_type("bit", 1)));
  EXPECT_EQ(bit.text("1"), "1");
  EXPECT_EQ(bit.binary(wire(1, std::uint8_t{0x80})), "1");
  EXPECT_EQ(bit.binary(wire(1, std::uint8_t{0})), "0");
  Encoded bits(mapping(source_type("varbit", 16)));
  EXPECT_EQ(bits.text("1010111100"), "1010111100");
  EXPECT_EQ(bits.binary(wire(10, std::uint8_t{0xAF}, std::uint8_t{0x00})), "1010111100");
  EXPECT_EQ(bits.text(""), "");
  EXPECT_EQ(bits.binary(wire(0)), "");
  EXPECT_EQ(bits.text("102"), "malformed");
  EXPECT_EQ(bits.binary(wire(9, std::uint8_t{0})), "malformed");
}

TEST(FloatEncoder, KeepsEveryBit) {
  Encoded real(mapping(source_type("float4")));
  Encoded wide(mapping(source_type("float8")));
  EXPECT_EQ(real.text("0.1"), "0.1");
  EXPECT_EQ(real.cell().real, static_cast<double>(0.1F));
  EXPECT_EQ(real.binary(wire(std::uint32_t{0x3DCCCCCD})), "0.1");
  EXPECT_EQ(wide.text("4.9e-324"), "5e-324");
  EXPECT_EQ(wide.binary(wire(std::uint64_t{1})), "5e-324");
  EXPECT_EQ(real.text("1e-45"), real.binary(wire(std::uint32_t{1})));
  EXPECT_EQ(wide.text("-0"), "-0");
  EXPECT_EQ(wide.binary(wire(std::uint64_t{0x8000000000000000})), "-0");
  EXPECT_EQ(wide.text("1.7976931348623157e+308"), "1.7976931348623157e+308");
  for (const char* text : {"", "inf", "nan", "1e999", "0x1p3", "1.5 ", "-"})
    EXPECT_EQ(wide.text(text), "malformed") << text;
}

TEST(FloatEncoder, PrintsAsPostgresqlDoesWhereTheShortestDigitsLieHalfWay) {
  Encoded real(mapping(source_type("float4"), {}, TargetType{"nvarchar", 30}));
  EXPECT_EQ(real.binary(wire(std::bit_cast<std::uint32_t>(41842968.0F))), "4.1842968e+07");
  EXPECT_EQ(real.binary(wire(std::bit_cast<std::uint32_t>(-103239216.0F))), "-1.03239216e+08");
  EXPECT_EQ(real.binary(wire(std::bit_cast<std::uint32_t>(0.0001F))), "0.0001");
  EXPECT_EQ(real.binary(wire(std::bit_cast<std::uint32_t>(1e6F))), "1e+06");
}

TEST(FloatEncoder, FollowsThePolicyForNanAndInfinity) {
  const auto type = source_type("float8");
  EXPECT_EQ(Encoded(mapping(type)).text("NaN"), "refused: column c: NaN has no place in float(53)");
  EXPECT_EQ(Encoded(mapping(type)).binary(wire(std::uint64_t{0x7FF0000000000000})),
            "refused: column c: infinity has no place in float(53)");
  EXPECT_EQ(Encoded(mapping(type), ValuePolicy::kNull).text("-Infinity"), "NULL");
  EXPECT_EQ(Encoded(mapping(type), ValuePolicy::kClamp).text("-Infinity"), "-1.7976931348623157e+308");
  EXPECT_TRUE(Encoded(mapping(type), ValuePolicy::kClamp).text("NaN").starts_with("refused"));
  Encoded text(mapping(type, ValuePolicy::kText), ValuePolicy::kText);
  EXPECT_EQ(text.text("-Infinity"), "-Infinity");
  EXPECT_EQ(text.binary(wire(std::uint64_t{0x7FF8000000000000})), "NaN");
  EXPECT_EQ(text.binary(wire(std::bit_cast<std::uint64_t>(123456.7890123))), text.text("123456.7890123"));
  Encoded narrow(mapping(type, {}, TargetType{"real"}));
  EXPECT_EQ(narrow.text("0.5"), "0.5");
  EXPECT_TRUE(narrow.text("0.1").starts_with("refused"));
}

}  // namespace
}  // namespace millrace::schema
