#include "support/spare_memory.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

namespace millrace {
namespace {

#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
long resident_pages() {
  long size = 0;
  long resident = 0;
  FILE* file = std::fopen("/proc/self/statm", "r");
  if (file == nullptr || std::fscanf(file, "%ld %ld", &size, &resident) != 2) return 0;
  std::fclose(file);
  return resident;
}

TEST(SpareMemory, WhatNobodyUsesIsGivenBackAndLookedForLessOftenThen) {
  // Every other one stays, so that nothing ends at the heap's top, where it would be given back by itself.
  std::vector<std::unique_ptr<std::string>> all;
  for (int i = 0; i < 8000; ++i) all.push_back(std::make_unique<std::string>(20'000, 'x'));
  for (std::size_t i = 0; i < all.size(); i += 2) all[i].reset();
  const long before = resident_pages();
  SpareMemory spare;
  EXPECT_EQ(spare.give_back(), SpareMemory::kSoon);
  EXPECT_LT(resident_pages(), before - 8000L * 20'000 / 4096 / 4);
  auto wait = spare.give_back();
  EXPECT_GT(wait, SpareMemory::kSoon);
  for (int i = 0; i < 10; ++i) wait = spare.give_back();
  EXPECT_EQ(wait, SpareMemory::kSeldom);
}
#endif  // else another allocator

}  // namespace
}  // namespace millrace
