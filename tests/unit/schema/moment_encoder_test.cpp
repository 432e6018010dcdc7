#include "encoder_fixture.hpp"

namespace millrace::schema {
namespace {

constexpr std::int64_t kDay = 86400000000;
constexpr auto kMax64 = std::numeric_limits<std::int64_t>::max();
constexpr auto kMin64 = std::numeric_limits<std::int64_t>::min();
constexpr auto kMax32 = std::numeric_limits<std::int32_t>::max();
constexpr auto kMin32 = std::numeric_limits<std::int32_t>::min();

struct MomentCase {
  SourceType type;
  std::string binary;
  const char* text;
  const char* cell;
};

class EncodesMoment : public ::testing::TestWithParam<MomentCase> {};

TEST_P(EncodesMoment, FromBothFormats) {
  Encoded column(mapping(GetParam().type));
  EXPECT_EQ(column.text(GetParam().text), GetParam().cell);
  EXPECT_EQ(column.binary(GetParam().binary), GetParam().cell);
}

INSTANTIATE_TEST_SUITE_P(
    Dates, EncodesMoment,
    ::testing::Values(MomentCase{source_type("date"), wire(std::int32_t{0}), "2000-01-01", "2000-01-01"},
                      MomentCase{source_type("date"), wire(std::int32_t{-730119}), "0001-01-01", "0001-01-01"},
                      MomentCase{source_type("date"), wire(std::int32_t{2921939}), "9999-12-31", "9999-12-31"},
                      MomentCase{source_type("date"), wire(std::int32_t{59}), "2000-02-29", "2000-02-29"},
                      MomentCase{source_type("date"), wire(std::int32_t{-730120}), "0001-12-31 BC",
                                 "refused: column c: a year before Christ has no place in date"},
                      MomentCase{source_type("date"), wire(std::int32_t{2921940}), "10000-01-01",
                                 "refused: column c: a year above 9999 has no place in date"},
                      MomentCase{source_type("date"), wire(kMax32), "infinity",
                                 "refused: column c: infinity has no place in date"},
                      MomentCase{source_type("date"), wire(kMin32), "-infinity",
                                 "refused: column c: -infinity has no place in date"}));

INSTANTIATE_TEST_SUITE_P(
    Timestamps, EncodesMoment,
    ::testing::Values(
        MomentCase{source_type("timestamp"), wire(std::int64_t{0}), "2000-01-01 00:00:00", "2000-01-01 00:00:00"},
        MomentCase{source_type("timestamp"), wire(std::int64_t{-1}), "1999-12-31 23:59:59.999999",
                   "1999-12-31 23:59:59.999999"},
        MomentCase{source_type("timestamp"), wire(-730119 * kDay), "0001-01-01 00:00:00", "0001-01-01 00:00:00"},
        MomentCase{source_type("timestamp"), wire(2921940 * kDay - 1), "9999-12-31 23:59:59.999999",
                   "9999-12-31 23:59:59.999999"},
        MomentCase{source_type("timestamp", {}, 3), wire(std::int64_t{500000}), "2000-01-01 00:00:00.5",
                   "2000-01-01 00:00:00.5"},
        MomentCase{source_type("timestamp", {}, 3), wire(std::int64_t{500001}), "2000-01-01 00:00:00.500001",
                   "refused: column c: a time with more than 3 digits behind the second has no place in datetime2(3)"},
        MomentCase{source_type("timestamp"), wire(-730119 * kDay - 1), "0001-12-31 23:59:59.999999 BC",
                   "refused: column c: a year before Christ has no place in datetime2(6)"},
        MomentCase{source_type("timestamp"), wire(kMax64), "infinity",
                   "refused: column c: infinity has no place in datetime2(6)"},
        MomentCase{source_type("timestamptz"), wire(kDay / 2), "2000-01-01 12:00:00+00", "2000-01-01 12:00:00+00"},
        MomentCase{source_type("timestamptz"), wire(kDay / 2), "2000-01-01 17:45:00+05:45", "2000-01-01 12:00:00+00"},
        MomentCase{source_type("timestamptz"), wire(kDay / 2), "2000-01-01 04:00:00-08", "2000-01-01 12:00:00+00"},
        MomentCase{source_type("timestamptz"), wire(kMin64), "-infinity",
                   "refused: column c: -infinity has no place in datetimeoffset(6)"}));

INSTANTIATE_TEST_SUITE_P(
    Times, EncodesMoment,
    ::testing::Values(MomentCase{source_type("time"), wire(std::int64_t{0}), "00:00:00", "00:00:00"},
                      MomentCase{source_type("time"), wire(kDay - 1), "23:59:59.999999", "23:59:59.999999"},
                      MomentCase{source_type("time"), wire(kDay), "24:00:00",
                                 "refused: column c: 24:00:00 has no place in time(6)"},
                      MomentCase{source_type("timetz"), wire(kDay / 2 + 500000, std::int32_t{-57540}),
                                 "12:00:00.5+15:59", "12:00:00.5+15:59"},
                      MomentCase{source_type("timetz"), wire(std::int64_t{0}, std::int32_t{57540}), "00:00:00-15:59",
                                 "00:00:00-15:59"},
                      MomentCase{source_type("timetz"), wire(kDay, std::int32_t{0}), "24:00:00+00", "24:00:00+00"}));

INSTANTIATE_TEST_SUITE_P(
    Intervals, EncodesMoment,
    ::testing::Values(
        MomentCase{source_type("interval"), wire(std::int64_t{0}, 0, 0), "PT0S", "PT0S"},
        MomentCase{source_type("interval"), wire(std::int64_t{-14706789012}, 3, 10), "P10M3DT-4H-5M-6.789012S",
                   "P10M3DT-4H-5M-6.789012S"},
        MomentCase{source_type("interval"), wire(std::int64_t{0}, 0, -2136000000), "P-178000000Y", "P-178000000Y"},
        MomentCase{source_type("interval"), wire(std::int64_t{-500000}, 0, 14), "P1Y2MT-0.5S", "P1Y2MT-0.5S"},
        MomentCase{source_type("interval"), wire(std::int64_t{3600000000}, -1, 0), "P-1DT1H", "P-1DT1H"}));

TEST(MomentEncoder, ClampsToTheNearestValueOfTheColumnsScale) {
  Encoded stamp(mapping(source_type("timestamp", {}, 3)), ValuePolicy::kClamp);
  EXPECT_EQ(stamp.text("infinity"), "9999-12-31 23:59:59.999");
  EXPECT_EQ(stamp.text("0044-03-15 12:00:00 BC"), "0001-01-01 00:00:00");
  Encoded time(mapping(source_type("time", {}, 0)), ValuePolicy::kClamp);
  EXPECT_EQ(time.text("24:00:00"), "23:59:59");
  Encoded date(mapping(source_type("date")), ValuePolicy::kClamp);
  EXPECT_EQ(date.binary(wire(kMin32)), "0001-01-01");
  EXPECT_EQ(date.binary(wire(kMax32)), "9999-12-31");
  EXPECT_EQ(Encoded(mapping(source_type("date")), ValuePolicy::kNull).text("infinity"), "NULL");
}

TEST(MomentEncoder, KeepsEveryValueAsText) {
  const auto as_text = [](const char* type) {
    return Encoded(mapping(source_type(type), ValuePolicy::kText), ValuePolicy::kText);
  };
  EXPECT_EQ(as_text("date").binary(wire(kMin32)), "-infinity");
  EXPECT_EQ(as_text("date").binary(wire(std::int32_t{-730120})), "0001-12-31 BC");
  EXPECT_EQ(as_text("timestamp").binary(wire(2921940 * kDay)), "10000-01-01 00:00:00");
  EXPECT_EQ(as_text("timestamptz").binary(wire(-730119 * kDay - 1)), "0001-12-31 23:59:59.999999+00 BC");
  EXPECT_EQ(as_text("timestamptz").binary(wire(std::int64_t{9223371331199999999})), "294276-12-31 23:59:59.999999+00");
  EXPECT_EQ(as_text("timestamptz").binary(wire(std::int64_t{-211813488000000000})), "4714-11-24 00:00:00+00 BC");
  EXPECT_EQ(as_text("time").binary(wire(kDay)), "24:00:00");
}

TEST(MomentEncoder, TakesATimestamptzForUtcInDatetime2AndRefusesTheReverse) {
  EXPECT_EQ(Encoded(mapping(source_type("timestamptz"), {}, TargetType{"datetime2", {}, {}, 6}))
                .text("2024-01-01 01:00:00+02"),
            "2023-12-31 23:00:00");
  EXPECT_EQ(Encoded(mapping(source_type("date"), {}, TargetType{"datetime2", {}, {}, 0})).text("2024-01-01"),
            "2024-01-01 00:00:00");
  EXPECT_EQ(Encoded(mapping(source_type("date"), {}, TargetType{"datetime2", {}, {}, 0}), ValuePolicy::kClamp)
                .text("infinity"),
            "9999-12-31 00:00:00");
  EXPECT_THROW(make_encoder(mapping(source_type("timestamp"), {}, TargetType{"datetimeoffset"}), {}), Error);
}

TEST(MomentEncoder, HoldsAgainstBytesThatAreNone) {
  Encoded stamp(mapping(source_type("timestamptz")));
  for (const char* text : {"", "2024", "2024-13-01 00:00:00+00", "2024-01-32 00:00:00+00", "2024-01-01",
                           "2024-01-01 25:00:00+00", "2024-01-01 00:00:00", "2024-01-01 00:00:00+00 AD",
                           "9999999-01-01 00:00:00+00", "0000-01-01 00:00:00+00", "2024-01-01 00:00:00.+00"}) {
    EXPECT_EQ(stamp.text(text), "malformed") << text;
  }
  EXPECT_EQ(stamp.binary("1234567"), "malformed");
  EXPECT_EQ(Encoded(mapping(source_type("time"))).binary(wire(std::int64_t{-1})), "malformed");
  EXPECT_EQ(Encoded(mapping(source_type("interval"))).binary("x"), "malformed");
}

}  // namespace
}  // namespace millrace::schema
