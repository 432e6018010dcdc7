#include "pgoutput/copy_decoder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "copy_bytes.hpp"
#include "support/error.hpp"

namespace millrace::pgoutput {
namespace {

using namespace bytes;
using Rows = std::vector<std::vector<std::string>>;

const std::string kNull = "(null)";

struct Decoded {
  Rows rows;
  bool finished = false;
};

// Feeds `chunks`, each from memory of its own that is gone before the next one comes.
Decoded decode(std::size_t columns, const std::vector<std::string_view>& chunks) {
  CopyDecoder decoder(columns);
  Decoded result;
  Tuple row;
  for (const std::string_view chunk : chunks) {
    const std::vector<char> memory(chunk.begin(), chunk.end());
    decoder.feed({memory.data(), memory.size()});
    while (decoder.next(row)) {
      std::vector<std::string>& texts = result.rows.emplace_back();
      for (const Field& field : row) {
        texts.push_back(field.kind == FieldKind::kNull ? kNull : std::string(field.value));
      }
    }
  }
  result.finished = decoder.finished();
  return result;
}

std::string refusal(std::size_t columns, std::string_view bytes) {
  std::string whole;
  try {
    decode(columns, {bytes});
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kProtocol);
    whole = error.message();
  }
  // Byte by byte it is refused for the same reason.
  std::vector<std::string_view> chunks;
  for (std::size_t at = 0; at < bytes.size(); ++at) chunks.push_back(bytes.substr(at, 1));
  try {
    decode(columns, chunks);
    EXPECT_EQ(whole, "");
  } catch (const Error& error) {
    EXPECT_EQ(error.message(), whole);
  }
  return whole;
}

const std::string& sample() {
  static const std::string bytes =
      copy_header() + copy_row({binary("abc"), null(), binary("")}) + copy_row({null(), null(), null()}) +
      copy_row({binary(std::string_view("\0\xff\xff\0", 4)), binary("x"), binary("yz")}) + copy_trailer();
  return bytes;
}

const Rows& sample_rows() {
  static const Rows rows = {{"abc", kNull, ""}, {kNull, kNull, kNull}, {std::string("\0\xff\xff\0", 4), "x", "yz"}};
  return rows;
}

TEST(CopyDecoder, ReadsBytesOfTheDocumentation) {
  using namespace std::string_view_literals;
  const Decoded decoded = decode(2, {"PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0\0\2\0\0\0\1a\xff\xff\xff\xff\xff\xff"sv});
  EXPECT_EQ(decoded.rows, (Rows{{"a", kNull}}));
  EXPECT_TRUE(decoded.finished);
}

TEST(CopyDecoder, CutAtEveryTwoPlaces) {
  const std::string_view bytes = sample();
  for (std::size_t first = 0; first <= bytes.size(); ++first) {
    for (std::size_t second = first; second <= bytes.size(); ++second) {
      const Decoded decoded =
          decode(3, {bytes.substr(0, first), bytes.substr(first, second - first), bytes.substr(second)});
      ASSERT_EQ(decoded.rows, sample_rows()) << first << ", " << second;
      ASSERT_TRUE(decoded.finished);
    }
  }
}

TEST(CopyDecoder, ByteByByte) {
  std::vector<std::string_view> chunks;
  for (std::size_t at = 0; at < sample().size(); ++at) chunks.push_back(std::string_view(sample()).substr(at, 1));
  EXPECT_EQ(decode(3, chunks).rows, sample_rows());
}

TEST(CopyDecoder, KnowsThatTheTrailerIsMissing) {
  const std::string_view bytes = sample();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(decode(3, {bytes.substr(0, size)}).finished) << size;
  }
}

TEST(CopyDecoder, LongRowInManyChunks) {
  const std::string value(3 << 20, 'v');
  const std::string bytes =
      copy_header() + copy_row({binary(value), binary("1")}) + copy_row({binary("2"), null()}) + copy_trailer();
  std::vector<std::string_view> chunks;
  for (std::size_t at = 0; at < bytes.size(); at += 65536) chunks.push_back(std::string_view(bytes).substr(at, 65536));
  EXPECT_EQ(decode(2, chunks).rows, (Rows{{value, "1"}, {"2", kNull}}));
}

TEST(CopyDecoder, WholeRowsAreNotCopied) {
  const std::string head = copy_header();
  const std::string row_bytes = copy_row({binary("abc")});
  CopyDecoder decoder(1);
  Tuple row;
  decoder.feed(head);
  EXPECT_FALSE(decoder.next(row));
  decoder.feed(row_bytes);
  ASSERT_TRUE(decoder.next(row));
  EXPECT_EQ(row[0].value.data(), row_bytes.data() + 6);
}

TEST(CopyDecoder, RowsWithoutColumns) {
  EXPECT_EQ(decode(0, {copy_header() + copy_row({}) + copy_row({}) + copy_trailer()}).rows, (Rows{{}, {}}));
}

TEST(CopyDecoder, SkipsTheHeadersExtensionAndFlagsThatMayBeIgnored) {
  const std::string bytes = copy_header(0xffff, "an extension") + copy_row({binary("a")}) + copy_trailer();
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    EXPECT_EQ(decode(1, {std::string_view(bytes).substr(0, cut), std::string_view(bytes).substr(cut)}).rows,
              (Rows{{"a"}}));
  }
}

TEST(CopyDecoder, RefusesNonsense) {
  using namespace std::string_view_literals;
  const std::string head = copy_header();
  const struct {
    std::string bytes;
    std::string_view reason;
  } table[] = {
      {"1\tabc\n2\tdefghijklmnop\n", "signature"},
      {copy_header(1U << 16U), "flags"},
      {copy_header(1U << 31U), "flags"},
      {std::string("PGCOPY\n\377\r\n\0\0\0\0\0\xff\xff\xff\xff"sv), "extension"},
      {head + copy_row({null()}), "row 1: a row of 1 fields where 2"},
      {head + copy_row({null(), null()}) + copy_row({null(), null(), null()}), "row 2: a row of 3 fields"},
      {head + "\xff\xfe", "a row of -2 fields"},
      {head + std::string("\0\2\xff\xff\xff\xfe"sv), "a field of -2 bytes"},
      {head + std::string("\0\2\x80\0\0\0"sv), "a field of -2147483648 bytes"},
      {head + std::string("\0\2\x7f\xff\xff\xff"sv), "a field of 2147483647 bytes"},
      {head + copy_trailer() + "x", "after the end"},
      {head + copy_trailer() + copy_trailer(), "after the end"},
  };
  for (const auto& row : table) EXPECT_THAT(refusal(2, row.bytes), testing::HasSubstr(row.reason));
}

TEST(CopyDecoder, IsFedOnlyWhenItsRowsWereTaken) {
  CopyDecoder decoder(1);
  decoder.feed(copy_header());
  EXPECT_THROW(decoder.feed("x"), Error);
}

}  // namespace
}  // namespace millrace::pgoutput
