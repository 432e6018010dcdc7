#include "schema/cell_utf16.hpp"

#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace millrace::schema {
namespace {

constexpr std::size_t kBlock = 16;
constexpr std::uint64_t kHighBits = 0x8080808080808080ULL;

#if !defined(__SSE2__)
bool ascii_block(const char* at) {
  std::uint64_t halves[2];
  std::memcpy(halves, at, kBlock);
  return ((halves[0] | halves[1]) & kHighBits) == 0;
}

#endif

/// Whole blocks of ASCII.
std::size_t widen_ascii(const char* from, std::size_t size, char16_t* to) {
  std::size_t done = 0;
#if defined(__SSE2__)
  const __m128i zero = _mm_setzero_si128();
  for (; done + kBlock <= size; done += kBlock) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from + done));
    if (_mm_movemask_epi8(bytes) != 0) break;
    auto* units = reinterpret_cast<__m128i*>(to + done);
    _mm_storeu_si128(units, _mm_unpacklo_epi8(bytes, zero));
    _mm_storeu_si128(units + 1, _mm_unpackhi_epi8(bytes, zero));
  }
#else
  for (; done + kBlock <= size && ascii_block(from + done); done += kBlock) {
    for (std::size_t i = 0; i < kBlock; ++i) to[done + i] = static_cast<unsigned char>(from[done + i]);
  }
#endif
  return done;
}

/// The code point that begins at `at`, a lead byte above 0x7F, or 0 when the bytes are not UTF-8 (Unicode 15, table
/// 3-7). `length` is its bytes.
char32_t wide_point(const unsigned char* at, std::size_t size, std::size_t& length) {
  const unsigned lead = at[0];
  length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || size < length) return 0;
  char32_t point = lead & (0x7FU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((at[i] & 0xC0U) != 0x80U) return 0;
    point = (point << 6U) | (at[i] & 0x3FU);
  }
  if (length == 3 && (point < 0x800 || (point >= 0xD800 && point <= 0xDFFF))) return 0;
  if (length == 4 && (point < 0x10000 || point > 0x10FFFF)) return 0;
  return point;
}

}  // namespace

bool append_utf16(std::string_view utf8, std::u16string& out) {
  const std::size_t start = out.size();
  out.resize(start + utf8.size());  // never more units than bytes
  const char* from = utf8.data();
  const std::size_t size = utf8.size();
  char16_t* to = out.data() + start;
  for (std::size_t at = 0; at < size;) {
    const std::size_t plain = widen_ascii(from + at, size - at, to);
    at += plain;
    to += plain;
    // One block byte by byte, then the fast way again.
    for (const std::size_t stop = at + kBlock; at < size && at < stop;) {
      const auto byte = static_cast<unsigned char>(from[at]);
      if (byte < 0x80) {
        *to++ = byte;
        ++at;
        continue;
      }
      std::size_t length = 0;
      const char32_t point = wide_point(reinterpret_cast<const unsigned char*>(from) + at, size - at, length);
      if (point == 0) {
        out.resize(start);
        return false;
      }
      if (point < 0x10000) {
        *to++ = static_cast<char16_t>(point);
      } else {
        *to++ = static_cast<char16_t>(0xD800 + ((point - 0x10000) >> 10U));
        *to++ = static_cast<char16_t>(0xDC00 + ((point - 0x10000) & 0x3FFU));
      }
      at += length;
    }
  }
  out.resize(static_cast<std::size_t>(to - out.data()));
  return true;
}

}  // namespace millrace::schema
