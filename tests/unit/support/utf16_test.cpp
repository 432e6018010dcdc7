#include "support/utf16.hpp"

#include <gtest/gtest.h>

#include "support/error.hpp"

namespace millrace {
namespace {

TEST(Utf16, CarriesEveryPlane) {
  EXPECT_EQ(to_utf16("aé漢😀"), u"aé漢😀");
  EXPECT_EQ(to_utf8(u"aé漢😀"), "aé漢😀");
  EXPECT_EQ(to_utf16("").size(), 0U);
}

TEST(Utf16, EveryCodePointReturns) {
  for (char32_t point = 0; point <= 0x10FFFF; point += point < 0x3000 ? 1 : 251) {
    if (point >= 0xD800 && point <= 0xDFFF) continue;
    std::u16string units;
    if (point < 0x10000) {
      units = {static_cast<char16_t>(point)};
    } else {
      units = {static_cast<char16_t>(0xD7C0 + (point >> 10U)), static_cast<char16_t>(0xDC00 + (point & 0x3FFU))};
    }
    ASSERT_EQ(to_utf16(to_utf8(units)), units) << static_cast<std::uint32_t>(point);
  }
}

TEST(Utf16, RefusesWhatIsNotUtf8) {
  for (const char* text : {"\x80", "\xC0\x80", "\xC3", "\xE0\x80\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80",
                           "\xF0\x9F\x98", "a\xC3z", "\xFF"}) {
    try {
      to_utf16(text);
      ADD_FAILURE() << "accepted an invalid text";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kUsage);
    }
  }
}

TEST(Utf16, ShowsLoneSurrogates) {
  EXPECT_EQ(to_utf8(std::u16string{u'a', 0xD83D}), "a\uFFFD");
  EXPECT_EQ(to_utf8(std::u16string{0xDE00, u'b'}),
            "\uFFFD"
            "b");
}

}  // namespace
}  // namespace millrace
