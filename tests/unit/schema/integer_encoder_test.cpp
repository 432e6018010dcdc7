#include <limits>

#include "encoder_fixture.hpp"

namespace millrace::schema {
namespace {

struct IntegerCase {
  const char* type;
  std::string binary;
  const char* text;
  const char* cell;
};

class EncodesInteger : public ::testing::TestWithParam<IntegerCase> {};

TEST_P(EncodesInteger, FromBothFormats) {
  Encoded column(mapping(source_type(GetParam().type)));
  EXPECT_EQ(column.text(GetParam().text), GetParam().cell);
  EXPECT_EQ(column.binary(GetParam().binary), GetParam().cell);
}

INSTANTIATE_TEST_SUITE_P(
    Edges, EncodesInteger,
    ::testing::Values(IntegerCase{"bool", wire(std::uint8_t{1}), "t", "1"},
                      IntegerCase{"bool", wire(std::uint8_t{0}), "f", "0"},
                      IntegerCase{"int2", wire(std::int16_t{-32768}), "-32768", "-32768"},
                      IntegerCase{"int2", wire(std::int16_t{32767}), "32767", "32767"},
                      IntegerCase{"int4", wire(std::numeric_limits<std::int32_t>::min()), "-2147483648", "-2147483648"},
                      IntegerCase{"int4", wire(std::int32_t{-1}), "-1", "-1"},
                      IntegerCase{"int8", wire(std::numeric_limits<std::int64_t>::min()), "-9223372036854775808",
                                  "-9223372036854775808"},
                      IntegerCase{"int8", wire(std::numeric_limits<std::int64_t>::max()), "9223372036854775807",
                                  "9223372036854775807"},
                      IntegerCase{"oid", wire(std::uint32_t{4294967295}), "4294967295", "4294967295"},
                      IntegerCase{"xid", wire(std::uint32_t{3}), "3", "3"}));

TEST(IntegerEncoder, RefusesWhatIsNoValueOfTheType) {
  Encoded column(mapping(source_type("int4")));
  for (const char* text : {"", "12x", " 1", "2147483648", "1.0"}) EXPECT_EQ(column.text(text), "malformed") << text;
  EXPECT_EQ(column.binary("abc"), "malformed");
  EXPECT_EQ(Encoded(mapping(source_type("bool"))).text("true"), "malformed");
  EXPECT_EQ(Encoded(mapping(source_type("bool"))).binary("\2"), "malformed");
}

TEST(IntegerEncoder, WritesWiderAndNarrowerTypesOfTheUsersChoice) {
  EXPECT_EQ(Encoded(mapping(source_type("int4"), {}, TargetType{"bigint"})).text("7"), "7");
  EXPECT_EQ(Encoded(mapping(source_type("int4"), {}, decimal_type(12, 2))).text("-7"), "-7.00");
  EXPECT_EQ(Encoded(mapping(source_type("int4"), {}, TargetType{"nvarchar", 12})).text("-7"), "-7");
  EXPECT_EQ(Encoded(mapping(source_type("bool"), {}, TargetType{"nvarchar", 5})).text("f"), "false");
  EXPECT_EQ(Encoded(mapping(source_type("int8"), {}, TargetType{"float", {}, 53})).text("9007199254740992"),
            "9.007199254740992e+15");
  Encoded narrow(mapping(source_type("int4"), {}, TargetType{"smallint"}));
  EXPECT_EQ(narrow.text("32767"), "32767");
  EXPECT_EQ(narrow.text("32768"), "refused: column c: a number beyond its range has no place in smallint");
  Encoded digits(mapping(source_type("int4"), {}, decimal_type(5, 2)));
  EXPECT_EQ(digits.text("999"), "999.00");
  EXPECT_TRUE(digits.text("-1000").starts_with("refused"));
  Encoded real(mapping(source_type("int8"), {}, TargetType{"float", {}, 53}));
  EXPECT_TRUE(real.text("9007199254740993").starts_with("refused"));
  EXPECT_THROW(make_encoder(mapping(source_type("int4"), {}, TargetType{"date"}), {}), Error);
}

TEST(IntegerEncoder, FollowsThePolicyWhereTheUsersTypeIsTooNarrow) {
  const auto column = mapping(source_type("int4"), {}, TargetType{"tinyint"});
  EXPECT_EQ(Encoded(column, ValuePolicy::kNull).text("256"), "NULL");
  EXPECT_EQ(Encoded(column, ValuePolicy::kClamp).text("256"), "255");
  EXPECT_EQ(Encoded(column, ValuePolicy::kClamp).text("-1"), "0");
  auto not_null = column;
  not_null.target.nullable = false;
  EXPECT_TRUE(Encoded(not_null, ValuePolicy::kNull).text("256").starts_with("refused"));
}

}  // namespace
}  // namespace millrace::schema
