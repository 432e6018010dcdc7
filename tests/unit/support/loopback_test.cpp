#include "support/loopback.hpp"

#include <gtest/gtest.h>

namespace millrace {
namespace {

TEST(Loopback, IsThisMachineAlone) {
  for (const char* host : {"localhost", "127.0.0.1", "127.8.9.10", "::1", "[::1]", "[0:0:0:0:0:0:0:1]"}) {
    EXPECT_TRUE(is_loopback(host)) << host;
  }
  for (const char* host : {"", "127.0.0.1.example.com", "127.example", "localhost.example.com", "128.0.0.1", "[::2]",
                           "::", "0.0.0.0", "127.1", "[127.0.0.1", "::ffff:127.0.0.1"}) {
    EXPECT_FALSE(is_loopback(host)) << host;
  }
}

}  // namespace
}  // namespace millrace
