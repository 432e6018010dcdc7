#include "encoder_fixture.hpp"

namespace millrace::schema {
namespace {

constexpr std::int16_t kPlus = 0;
constexpr std::int16_t kMinus = 0x4000;

std::string i16(std::initializer_list<int> words) {
  std::string bytes;
  for (const int word : words) bytes += wire(static_cast<std::int16_t>(word));
  return bytes;
}

const std::string kNan = i16({0, 0, 0xC000, 0});
const std::string kInfinity = i16({0, 0, 0xD000, 0});
const std::string kMinusInfinity = i16({0, 0, 0xF000, 0});

struct NumericCase {
  TargetType target;
  std::string binary;
  const char* text;
  const char* cell;
};

class EncodesNumeric : public ::testing::TestWithParam<NumericCase> {};

TEST_P(EncodesNumeric, FromBothFormats) {
  Encoded column(mapping(source_type("numeric"), {}, GetParam().target));
  EXPECT_EQ(column.text(GetParam().text), GetParam().cell);
  EXPECT_EQ(column.binary(GetParam().binary), GetParam().cell);
}

const std::string kLargest = i16({10, 6, kPlus, 10, 9999, 9999, 9999, 9999, 9999, 9999, 9999, 9999, 9999, 9900});

INSTANTIATE_TEST_SUITE_P(
    Digits, EncodesNumeric,
    ::testing::Values(
        NumericCase{decimal_type(9, 2), i16({2, 0, kPlus, 2, 12, 5000}), "12.50", "12.50"},
        NumericCase{decimal_type(9, 2), i16({2, 0, kMinus, 2, 12, 5000}), "-12.50", "-12.50"},
        NumericCase{decimal_type(9, 2), i16({0, 0, kPlus, 2}), "0.00", "0.00"},
        NumericCase{decimal_type(9, 2), i16({1, -1, kMinus, 2, 100}), "-0.01", "-0.01"},
        NumericCase{decimal_type(38, 10), kLargest, "9999999999999999999999999999.9999999999",
                    "9999999999999999999999999999.9999999999"},
        NumericCase{decimal_type(38, 38), i16({10, -1, kPlus, 38, 0, 0, 0, 0, 0, 0, 0, 0, 0, 100}),
                    "0.00000000000000000000000000000000000001", "0.00000000000000000000000000000000000001"},
        NumericCase{decimal_type(7, 0), i16({2, 1, kPlus, 0, 999, 9900}), "9999900", "9999900"},
        NumericCase{decimal_type(6, 6), i16({2, -1, kPlus, 6, 9, 9900}), "0.000999", "0.000999"},
        // Zeros beyond the column's scale are no digits.
        NumericCase{decimal_type(9, 2), i16({2, 0, kPlus, 6, 12, 5000}), "12.500000", "12.50"},
        NumericCase{decimal_type(12, 8), i16({1, 0, kPlus, 0, 7}), "7", "7.00000000"},
        NumericCase{TargetType{"int"}, i16({1, 1, kMinus, 0, 3}), "-30000", "-30000"},
        NumericCase{TargetType{"bigint"}, i16({5, 4, kMinus, 0, 922, 3372, 368, 5477, 5808}), "-9223372036854775808",
                    "-9223372036854775808"},
        NumericCase{TargetType{"nvarchar", -1}, i16({1, 2, kPlus, 0, 100}), "10000000000", "10000000000"},
        NumericCase{TargetType{"nvarchar", -1}, i16({2, 0, kMinus, 3, 12, 5000}), "-12.500", "-12.500"},
        NumericCase{TargetType{"nvarchar", -1}, i16({1, -3, kPlus, 9, 10}), "0.000000000", "0.000000000"},
        NumericCase{TargetType{"nvarchar", -1}, i16({1, -3, kPlus, 12, 10}), "0.000000000010", "0.000000000010"},
        NumericCase{TargetType{"nvarchar", -1}, kNan, "NaN", "NaN"},
        NumericCase{TargetType{"nvarchar", -1}, kMinusInfinity, "-Infinity", "-Infinity"},
        NumericCase{decimal_type(9, 2), kNan, "NaN", "refused: column c: NaN has no place in decimal(9,2)"},
        NumericCase{decimal_type(9, 2), kInfinity, "Infinity",
                    "refused: column c: infinity has no place in decimal(9,2)"},
        NumericCase{decimal_type(9, 2), i16({1, 1, kPlus, 0, 1000}), "10000000",
                    "refused: column c: a number of 8 digits before the point has no place in decimal(9,2)"},
        NumericCase{decimal_type(9, 2), i16({1, -1, kPlus, 3, 10}), "0.001",
                    "refused: column c: a number of more than 2 digits behind the point has no place in decimal(9,2)"},
        NumericCase{
            decimal_type(9, 2), i16({1, -2, kPlus, 8, 1}), "0.00000001",
            "refused: column c: a number of more than 2 digits behind the point has no place in decimal(9,2)"}));

TEST(NumericEncoder, ClampsTheMagnitudeButNeverRounds) {
  Encoded column(mapping(source_type("numeric"), {}, decimal_type(4, 1)), ValuePolicy::kClamp);
  EXPECT_EQ(column.text("1000"), "999.9");
  EXPECT_EQ(column.text("-Infinity"), "-999.9");
  EXPECT_EQ(column.binary(kInfinity), "999.9");
  EXPECT_TRUE(column.text("NaN").starts_with("refused"));
  EXPECT_TRUE(column.text("0.05").starts_with("refused"));
  Encoded null(mapping(source_type("numeric"), {}, decimal_type(4, 1)), ValuePolicy::kNull);
  EXPECT_EQ(null.text("0.05"), "NULL");
  EXPECT_EQ(null.binary(kNan), "NULL");
}

TEST(NumericEncoder, HoldsAgainstBytesThatAreNone) {
  Encoded column(mapping(source_type("numeric"), {}, decimal_type(9, 2)));
  for (const char* text : {"", "-", ".5", "1e5", "1.2.3", "+1", "nan"})
    EXPECT_EQ(column.text(text), "malformed") << text;
  EXPECT_EQ(column.binary(""), "malformed");
  EXPECT_EQ(column.binary(i16({2, 0, kPlus, 0, 1})), "malformed");
  EXPECT_EQ(column.binary(i16({1, 0, kPlus, 0, 10000})), "malformed");
  EXPECT_EQ(column.binary(i16({1, 0, 0x1234, 0, 1})), "malformed");
  EXPECT_TRUE(column.binary(i16({1, 32767, kPlus, 0, 1})).starts_with("refused"));
  EXPECT_TRUE(column.binary(i16({1, -32768, kPlus, 0, 1})).starts_with("refused"));
}

TEST(MoneyEncoder, CountsCents) {
  Encoded column(mapping(source_type("money")));
  EXPECT_EQ(column.text("$1,234.50"), "1234.5000");
  EXPECT_EQ(column.binary(wire(std::int64_t{123450})), "1234.5000");
  EXPECT_EQ(column.text("-$0.01"), "-0.0100");
  EXPECT_EQ(column.binary(wire(std::int64_t{-1})), "-0.0100");
  EXPECT_EQ(column.text("$92,233,720,368,547,758.07"), column.binary(wire(std::numeric_limits<std::int64_t>::max())));
  EXPECT_TRUE(column.text("$92,233,720,368,547,758.07").starts_with("refused"));
  EXPECT_EQ(column.text("1,50 EUR"), "malformed");
  Encoded text(mapping(source_type("money"), {}, TargetType{"nvarchar", 40}));
  EXPECT_EQ(text.binary(wire(std::int64_t{-123456789})), "-$1,234,567.89");
  EXPECT_EQ(text.binary(wire(std::int64_t{99900})), "$999.00");
  Encoded whole(mapping(source_type("money"), {}, decimal_type(19, 0)));
  EXPECT_EQ(whole.text("$12.00"), "12");
  EXPECT_TRUE(whole.text("$12.10").starts_with("refused"));
}

}  // namespace
}  // namespace millrace::schema
