#include "pgoutput/copy_decoder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "support/error.hpp"

// Layout: PostgreSQL documentation, COPY, "Binary Format", and docs/formats/copy_binary.md.
namespace millrace::pgoutput {
namespace {

constexpr std::string_view kSignature("PGCOPY\n\xff\r\n\0", 11);
constexpr std::size_t kHeader = kSignature.size() + 2 * sizeof(std::uint32_t);
constexpr std::size_t kCount = sizeof(std::uint16_t);
constexpr std::size_t kLength = sizeof(std::uint32_t);
// PostgreSQL allocates no more for one value (MaxAllocSize).
constexpr std::int32_t kLongestValue = 0x3fffffff;
// A carried row's memory is kept for the next one up to here.
constexpr std::size_t kKeptCarry = std::size_t{1} << 20U;

std::int16_t read_i16(const char* bytes) {
  std::uint16_t value;
  std::memcpy(&value, bytes, sizeof(value));
  return static_cast<std::int16_t>(__builtin_bswap16(value));
}

std::int32_t read_i32(const char* bytes) {
  std::uint32_t value;
  std::memcpy(&value, bytes, sizeof(value));
  return static_cast<std::int32_t>(__builtin_bswap32(value));
}

}  // namespace

void CopyDecoder::feed(std::string_view bytes) {
  if (!pending_.empty()) {
    throw Error(ErrorCode::kInternal, "COPY data came before the rows of the last piece were taken.");
  }
  pending_ = bytes;
}

bool CopyDecoder::next(Tuple& row) {
  if (carry_given_) drop_carry();
  if (finished_) {
    if (!pending_.empty()) fail("bytes after the end of the data");
    return false;
  }
  if (!header_read_ && !read_header()) return false;
  if (carry_.empty()) {
    if (pending_.empty()) return false;
    if (const auto size = read_row(pending_, row)) {
      pending_.remove_prefix(*size);
      rows_ += finished_ ? 0 : 1;
      return finished_ ? next(row) : true;
    }
    // Only a part of it is here: the rest of this chunk is copied, once a chunk.
    carry_.assign(pending_);
    pending_ = {};
    return false;
  }
  // The carried row is read field by field as bytes come, and never more than it needs is taken, so that the rows
  // behind it are read in place again.
  for (std::size_t wanted = scan_row(); wanted > carry_.size(); wanted = scan_row()) {
    if (!fill_carry(wanted)) return false;
  }
  read_row(carry_, row);
  carry_given_ = true;
  rows_ += finished_ ? 0 : 1;
  return finished_ ? next(row) : true;
}

bool CopyDecoder::read_header() {
  if (!fill_carry(kHeader)) return false;
  if (!carry_.starts_with(kSignature)) fail("the signature of COPY's binary format is missing");
  const auto flags = static_cast<std::uint32_t>(read_i32(carry_.data() + kSignature.size()));
  // Bits 16 to 31 change the format (16: rows with OIDs, before PostgreSQL 12); the others may be ignored.
  if (flags >> 16U != 0) fail("flags of a format that is not known");
  const std::int32_t extension = read_i32(carry_.data() + kSignature.size() + kLength);
  if (extension < 0 || extension > kLongestValue) fail("a nonsense length of the header's extension");
  if (!fill_carry(kHeader + static_cast<std::size_t>(extension))) return false;
  header_read_ = true;
  drop_carry();
  return true;
}

// Reads the row, or the trailer, at the start of `bytes` and returns its size; nothing when `bytes` hold a part only.
std::optional<std::size_t> CopyDecoder::read_row(std::string_view bytes, Tuple& row) {
  const char* at = bytes.data();
  std::size_t left = bytes.size();
  if (left < kCount) return std::nullopt;
  const std::int16_t count = read_i16(at);
  if (count == -1) {
    finished_ = true;
    return kCount;
  }
  if (count < 0 || static_cast<std::size_t>(count) != columns_) {
    fail(fmt::format("a row of {} fields where {} were expected", count, columns_));
  }
  at += kCount;
  left -= kCount;
  row.resize(columns_);
  for (Field& field : row) {
    if (left < kLength) return std::nullopt;
    const std::int32_t length = read_i32(at);
    at += kLength;
    left -= kLength;
    if (length == -1) {
      field = {FieldKind::kNull, {}};
      continue;
    }
    if (length < 0 || length > kLongestValue) fail(fmt::format("a field of {} bytes", length));
    const auto size = static_cast<std::size_t>(length);
    if (size > left) return std::nullopt;
    field = {FieldKind::kBinary, {at, size}};
    at += size;
    left -= size;
  }
  return bytes.size() - left;
}

// How many bytes the carried row needs at least, going on where the last call stopped: its size when it is whole.
std::size_t CopyDecoder::scan_row() {
  if (carry_end_ == 0) {
    if (carry_.size() < kCount) return kCount;
    if (const std::int16_t count = read_i16(carry_.data()); count < 0 || static_cast<std::size_t>(count) != columns_) {
      return kCount;  // the trailer or a fault: read_row() tells
    }
    carry_end_ = kCount;
  }
  for (; carry_fields_ < columns_; ++carry_fields_) {
    if (carry_.size() < carry_end_ + kLength) return carry_end_ + kLength;
    const std::int32_t length = read_i32(carry_.data() + carry_end_);
    if (length < -1 || length > kLongestValue) fail(fmt::format("a field of {} bytes", length));
    const std::size_t end = carry_end_ + kLength + static_cast<std::size_t>(std::max(length, 0));
    if (carry_.size() < end) return end;
    carry_end_ = end;
  }
  return carry_end_;
}

// Moves pending bytes to carry_ until it has `size`; false when they do not suffice.
bool CopyDecoder::fill_carry(std::size_t size) {
  const std::size_t missing = size > carry_.size() ? size - carry_.size() : 0;
  const std::size_t taken = std::min(missing, pending_.size());
  carry_.append(pending_.substr(0, taken));
  pending_.remove_prefix(taken);
  return taken == missing;
}

void CopyDecoder::drop_carry() {
  if (carry_.capacity() > kKeptCarry) {
    carry_ = {};
  } else {
    carry_.clear();
  }
  carry_given_ = false;
  carry_fields_ = 0;
  carry_end_ = 0;
}

void CopyDecoder::fail(std::string_view what) const {
  throw Error(ErrorCode::kProtocol, fmt::format("COPY data, row {}: {}.", rows_ + 1, what));
}

}  // namespace millrace::pgoutput
