#include "support/spare_stack.hpp"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <thread>
#include <vector>

namespace millrace {
namespace {

constexpr std::size_t kFrame = 16U << 10U;

/// Touches so many frames of the stack; returns an address in the deepest. Not optimized away: it is volatile.
[[gnu::noinline]] std::uintptr_t go_down(int frames) {
  volatile char here[kFrame];
  for (std::size_t i = 0; i < kFrame; i += 512) here[i] = static_cast<char>(frames);
  const auto deepest = frames == 0 ? reinterpret_cast<std::uintptr_t>(&here[0]) : go_down(frames - 1);
  return here[0] == static_cast<char>(frames) ? deepest : 0;
}

/// Of the 256 KiB from that address on.
std::ptrdiff_t resident_pages(std::uintptr_t address) {
  constexpr std::size_t kLooked = 256U << 10U;
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  std::vector<unsigned char> pages(kLooked / page);
  const auto begin = address / page * page + page;
  EXPECT_EQ(::mincore(reinterpret_cast<void*>(begin), kLooked, pages.data()), 0);
  return std::count_if(pages.begin(), pages.end(), [](unsigned char state) { return (state & 1U) != 0; });
}

TEST(SpareStack, IsGivenBackAndComesAgain) {
  std::jthread([] {
    const auto deepest = go_down(64);  // 1 MiB
    ASSERT_NE(deepest, 0U);
    EXPECT_GT(resident_pages(deepest), 0);
    give_back_spare_stack();
    EXPECT_EQ(resident_pages(deepest), 0);
    EXPECT_EQ(go_down(64), deepest);
    EXPECT_GT(resident_pages(deepest), 0);
  }).join();
}

TEST(SpareStack, LeavesTheFirstThreadAlone) {
  go_down(8);
  give_back_spare_stack();
}

}  // namespace
}  // namespace millrace
