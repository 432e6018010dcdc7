#include "encoder_fixture.hpp"

namespace millrace::schema {
namespace {

std::string unhex(std::string_view hex) {
  std::string bytes;
  for (std::size_t at = 0; at + 1 < hex.size(); at += 2) {
    bytes += static_cast<char>(std::stoi(std::string(hex.substr(at, 2)), nullptr, 16));
  }
  return bytes;
}

struct GeometryCase {
  const char* hex;
  const char* ewkt;
};

class EncodesGeometry : public ::testing::TestWithParam<GeometryCase> {};

TEST_P(EncodesGeometry, FromBothFormats) {
  Encoded column(mapping({.schema = "public", .name = "geometry", .declared = "geometry"}));
  EXPECT_EQ(column.text(GetParam().hex), GetParam().ewkt);
  EXPECT_EQ(column.binary(unhex(GetParam().hex)), GetParam().ewkt);
}

#define ONE "000000000000F03F"
#define TWO "0000000000000040"
#define NO_NUMBER "000000000000F87F"

INSTANTIATE_TEST_SUITE_P(Shapes, EncodesGeometry,
                         ::testing::Values(GeometryCase{"0101000020E6100000" ONE TWO, "SRID=4326;POINT(1 2)"},
                                           GeometryCase{"0101000000" ONE TWO, "POINT(1 2)"},
                                           GeometryCase{"00000000013FF00000000000004000000000000000", "POINT(1 2)"},
                                           GeometryCase{"0101000080" ONE TWO ONE, "POINT(1 2 1)"},
                                           GeometryCase{"0101000040" ONE TWO ONE, "POINTM(1 2 1)"},
                                           GeometryCase{"01010000C0" ONE TWO ONE TWO, "POINT(1 2 1 2)"},
                                           GeometryCase{"0101000000" NO_NUMBER NO_NUMBER, "POINT EMPTY"},
                                           GeometryCase{"010200000002000000" ONE TWO TWO ONE, "LINESTRING(1 2,2 1)"},
                                           GeometryCase{"010200000000000000", "LINESTRING EMPTY"},
                                           GeometryCase{"01030000000100000004000000" ONE ONE TWO ONE TWO TWO ONE ONE,
                                                        "POLYGON((1 1,2 1,2 2,1 1))"},
                                           GeometryCase{"010400000002000000"
                                                        "0101000000" ONE TWO "0101000000" TWO ONE,
                                                        "MULTIPOINT((1 2),(2 1))"},
                                           GeometryCase{"010700000002000000"
                                                        "0101000000" ONE TWO "010200000000000000",
                                                        "GEOMETRYCOLLECTION(POINT(1 2),LINESTRING EMPTY)"},
                                           GeometryCase{"010900000002000000"
                                                        "010200000002000000" ONE TWO TWO ONE
                                                        "010800000003000000" TWO ONE ONE ONE TWO TWO,
                                                        "COMPOUNDCURVE((1 2,2 1),CIRCULARSTRING(2 1,1 1,2 2))"}));

TEST(GeometryEncoder, HoldsAgainstBytesThatAreNone) {
  Encoded column(mapping({.schema = "public", .name = "geography", .declared = "geography"}));
  for (const char* hex : {"", "0", "zz", "0101000000", "0101000000" ONE TWO "00", "0201000000" ONE TWO,
                          "0163000000" ONE TWO, "010D000000" ONE TWO, "0102000000FFFFFFFF" ONE TWO}) {
    EXPECT_EQ(column.text(hex), "malformed") << hex;
  }
  std::string deep;
  for (int i = 0; i < 100000; ++i) deep += unhex("010700000001000000");
  EXPECT_EQ(column.binary(deep), "malformed");
}

}  // namespace
}  // namespace millrace::schema
