#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "support/unlinked_file.hpp"

namespace millrace {

/// Bytes of an unlinked file, for reading as if they were in memory: what is too large to be held there. The kernel
/// reads a page when it is touched; release() gives it back, so that whoever goes through the bytes from front to end
/// needs no more memory than a piece. Outlives the file object it was made of. Not movable: views point to it.
/// Thread-safe.
class MappedBytes : public std::enable_shared_from_this<MappedBytes> {
  struct Private {};

 public:
  /// Maps `size` bytes at `offset`, more than none, which must have been written. Throws Error kSpillFailed.
  static std::shared_ptr<const MappedBytes> of(const UnlinkedFile& file, std::uint64_t offset, std::size_t size);

  MappedBytes(Private, void* begin, std::size_t mapped, std::string_view bytes)
      : begin_(begin), mapped_(mapped), bytes_(bytes) {}
  ~MappedBytes();
  MappedBytes(const MappedBytes&) = delete;
  MappedBytes& operator=(const MappedBytes&) = delete;

  std::string_view view() const { return bytes_; }
  /// The pages that lie wholly in this part of view() leave the process's memory, and are read again when touched.
  void release(std::string_view part) const noexcept;

 private:
  void* begin_;
  std::size_t mapped_;
  std::string_view bytes_;
};

/// Bytes that may lie in a mapped file: then `mapped` is what keeps them. Both live as long as their source says.
struct HeldBytes {
  std::string_view view;
  const MappedBytes* mapped = nullptr;
};

/// Calls `visit` with the bytes of `part`, piece by piece from front to end, and gives back what has been visited.
/// `part` lies in `mapped`, or anywhere where that is none. A visit that returns false is the last one; so does this.
template <typename Visit>
bool in_pieces(std::string_view part, const MappedBytes* mapped, Visit&& visit) {
  constexpr std::size_t kPiece = std::size_t{256} << 10U;
  while (!part.empty()) {
    const auto piece = part.substr(0, kPiece);
    if (!visit(piece)) return false;
    if (mapped != nullptr) mapped->release(piece);
    part.remove_prefix(piece.size());
  }
  return true;
}

}  // namespace millrace
