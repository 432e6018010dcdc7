// The fuzzers' seeds are cut from what a real PostgreSQL 15 sent; they must be understood to the last byte.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include "message_bytes.hpp"
#include "pgoutput/copy_decoder.hpp"
#include "pgoutput/decoder.hpp"

namespace millrace::pgoutput {
namespace {

std::filesystem::path corpus(const std::string& name) {
  return std::filesystem::path(MILLRACE_GOLDEN_DIR).parent_path() / "fuzz/corpus" / name;
}

std::string read(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(Corpus, MessagesOfARealServerAreUnderstood) {
  std::set<char> kinds;
  for (const auto& entry : std::filesystem::directory_iterator(corpus("pgoutput"))) {
    const std::string bytes = read(entry.path());
    Decoder decoder;
    Message message;
    std::size_t at = 0;
    while (at + 2 <= bytes.size()) {
      const std::size_t size = static_cast<unsigned char>(bytes[at]) * 256U + static_cast<unsigned char>(bytes[at + 1]);
      ASSERT_LE(at + 2 + size, bytes.size());
      const std::string one = bytes.substr(at + 2, size);
      ASSERT_NO_THROW(decoder.decode(one, message)) << entry.path() << " at " << at;
      EXPECT_EQ(bytes::encode(message), one) << entry.path() << " at " << at;
      kinds.insert(one.front());
      at += 2 + size;
    }
    EXPECT_EQ(at, bytes.size());
  }
  EXPECT_EQ(kinds.size(), std::variant_size_v<Message>) << "a kind of message has no seed";
}

TEST(Corpus, CopyOfARealServerIsUnderstood) {
  std::size_t rows = 0;
  for (const auto& entry : std::filesystem::directory_iterator(corpus("copy"))) {
    const std::string bytes = read(entry.path());
    CopyDecoder decoder(static_cast<unsigned char>(bytes.at(0)));
    Tuple row;
    decoder.feed(std::string_view(bytes).substr(1));
    while (decoder.next(row)) ++rows;
    EXPECT_TRUE(decoder.finished()) << entry.path();
  }
  EXPECT_EQ(rows, 6U);
}

}  // namespace
}  // namespace millrace::pgoutput
