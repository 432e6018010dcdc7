#include "support/mapped_bytes.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <string>

namespace millrace {
namespace {

class MappedBytesTest : public testing::Test {
 protected:
  MappedBytesTest() {
    while (text_.size() < 3'000'000) text_ += std::to_string(text_.size()) + ";";
    file_.write(kOffset, text_);
  }

  static constexpr std::uint64_t kOffset = 12'345;
  UnlinkedFile file_{std::filesystem::temp_directory_path()};
  std::string text_;
};

TEST_F(MappedBytesTest, TheBytesAreThoseOfTheFileAtAnyOffset) {
  const auto mapped = MappedBytes::of(file_, kOffset, text_.size());
  EXPECT_EQ(mapped->view(), text_);
  EXPECT_EQ(MappedBytes::of(file_, kOffset + 7, 11)->view(), text_.substr(7, 11));
}

TEST_F(MappedBytesTest, WhatWasReleasedIsReadAgain) {
  const auto mapped = MappedBytes::of(file_, kOffset, text_.size());
  for (int round = 0; round < 2; ++round) {
    std::string seen;
    EXPECT_TRUE(in_pieces(mapped->view(), mapped.get(), [&](std::string_view piece) {
      seen += piece;
      return true;
    }));
    EXPECT_EQ(seen, text_);
  }
}

TEST_F(MappedBytesTest, PiecesEndWhereTheVisitSaysSo) {
  std::size_t seen = 0;
  EXPECT_FALSE(in_pieces(text_, nullptr, [&](std::string_view piece) {
    seen += piece.size();
    return false;
  }));
  EXPECT_EQ(seen, 256U << 10U);
}

/// The kernel's count of the process's memory that maps files.
std::size_t mapped_pages() {
  std::size_t size = 0;
  std::size_t resident = 0;
  std::size_t shared = 0;
  FILE* statm = std::fopen("/proc/self/statm", "r");
  if (statm == nullptr || std::fscanf(statm, "%zu %zu %zu", &size, &resident, &shared) != 3) return 0;
  std::fclose(statm);
  return shared;
}

TEST_F(MappedBytesTest, ReleasedBytesAreNotTheProcesssMemory) {
  const auto mapped = MappedBytes::of(file_, kOffset, text_.size());
  const auto pages = text_.size() / static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  const auto before = mapped_pages();
  const std::string copy(mapped->view());
  const auto touched = mapped_pages();
  ASSERT_GE(touched, before + pages / 2);
  in_pieces(mapped->view(), mapped.get(), [](std::string_view) { return true; });
  EXPECT_LT(mapped_pages(), before + pages / 10);
}

}  // namespace
}  // namespace millrace
