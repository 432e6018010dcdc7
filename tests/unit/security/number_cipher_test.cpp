#include "security/number_cipher.hpp"

#include <gtest/gtest.h>

#include <set>

namespace millrace::security {
namespace {

TEST(NumberCipher, GivesEveryNumberBackAndNeverTwiceTheSameImage) {
  const NumberCipher cipher(NumberCipher::random_key());
  std::set<std::string> images;
  for (std::int64_t number = 0; number < 2000; ++number) {
    const auto image = cipher.hide(number);
    EXPECT_TRUE(images.insert(image).second);
    EXPECT_EQ(cipher.reveal(image), number);
  }
  EXPECT_EQ(cipher.reveal(cipher.hide(INT64_MAX)), INT64_MAX);
}

TEST(NumberCipher, ShowsNoOrder) {
  const NumberCipher cipher(7);
  int rises = 0;
  for (std::int64_t number = 0; number < 1000; ++number) {
    if (std::stoull(cipher.hide(number + 1)) > std::stoull(cipher.hide(number))) ++rises;
  }
  EXPECT_GT(rises, 400);
  EXPECT_LT(rises, 600);
}

TEST(NumberCipher, TakesNoOtherTextAndNoOtherKey) {
  const NumberCipher cipher(1);
  for (const char* text : {"", "-1", "12x", " 1", "99999999999999999999999"}) {
    EXPECT_FALSE(cipher.reveal(text).has_value()) << text;
  }
  EXPECT_NE(NumberCipher(2).reveal(cipher.hide(5)), 5);
}

}  // namespace
}  // namespace millrace::security
