#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "support/ids.hpp"

namespace millrace::pgoutput {

/// Reads PostgreSQL's wire types (big-endian integers, zero-terminated strings, counted bytes) from a buffer that
/// it never leaves. Every member that reads throws Error kProtocol when the buffer is too short, with the subject
/// and the offset. Texts of errors hold no values of the data.
class WireReader {
 public:
  /// `subject`: what is read, for errors, e.g. "Insert"; lives as long as the reader.
  explicit WireReader(std::string_view bytes, std::string_view subject)
      : begin_(bytes.data()), at_(begin_), end_(begin_ + bytes.size()), subject_(subject) {}

  std::size_t left() const { return static_cast<std::size_t>(end_ - at_); }
  std::size_t offset() const { return static_cast<std::size_t>(at_ - begin_); }

  std::uint8_t u8() { return integer<std::uint8_t>(); }
  std::uint16_t u16() { return integer<std::uint16_t>(); }
  std::uint32_t u32() { return integer<std::uint32_t>(); }
  std::uint64_t u64() { return integer<std::uint64_t>(); }
  std::int64_t i64() { return static_cast<std::int64_t>(u64()); }
  char letter() { return static_cast<char>(u8()); }
  Lsn lsn() { return Lsn(u64()); }
  Xid xid() { return Xid{u32()}; }
  Oid oid() { return Oid{u32()}; }

  /// A signed 32-bit length and as many bytes.
  std::string_view counted() {
    const std::uint32_t size = u32();
    // A negative length is a huge one here, so that one comparison covers both.
    if (size > left()) fail_length(size);
    const std::string_view bytes(at_, size);
    at_ += size;
    return bytes;
  }
  /// The bytes up to the next zero byte, which is skipped.
  std::string_view string();
  /// Throws unless the buffer has been read to its end.
  void end() const {
    if (at_ != end_) fail_rest();
  }

  /// Throws Error kProtocol: "<subject>, byte <offset>: <what>".
  [[noreturn]] void fail(std::string_view what) const;
  /// The same, naming a byte that has no meaning at its place.
  [[noreturn]] void fail_letter(std::string_view what, char letter) const;

 private:
  template <typename Int>
  Int integer() {
    if (left() < sizeof(Int)) fail_short(sizeof(Int));
    Int value;
    std::memcpy(&value, at_, sizeof(Int));
    at_ += sizeof(Int);
    if constexpr (sizeof(Int) == 8) return __builtin_bswap64(value);
    if constexpr (sizeof(Int) == 4) return __builtin_bswap32(value);
    if constexpr (sizeof(Int) == 2) return __builtin_bswap16(value);
    return value;
  }

  [[noreturn]] void fail_short(std::size_t wanted) const;
  [[noreturn]] void fail_length(std::uint32_t size) const;
  [[noreturn]] void fail_rest() const;

  const char* begin_;
  const char* at_;
  const char* end_;
  std::string_view subject_;
};

}  // namespace millrace::pgoutput
