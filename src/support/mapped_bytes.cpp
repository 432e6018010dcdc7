#include "support/mapped_bytes.hpp"

#include <sys/mman.h>
#include <unistd.h>

namespace millrace {
namespace {

std::size_t page_size() {
  static const auto size = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  return size;
}

}  // namespace

std::shared_ptr<const MappedBytes> MappedBytes::of(const UnlinkedFile& file, std::uint64_t offset, std::size_t size) {
  const std::size_t before = offset % page_size();
  void* begin = file.map(offset - before, before + size);
  // What is read from front to end is read ahead, and is not what to keep when others need the room.
  ::madvise(begin, before + size, MADV_SEQUENTIAL);
  return std::make_shared<MappedBytes>(Private{}, begin, before + size,
                                       std::string_view(static_cast<const char*>(begin) + before, size));
}

MappedBytes::~MappedBytes() {
  ::munmap(begin_, mapped_);
}

void MappedBytes::release(std::string_view part) const noexcept {
  const auto base = static_cast<const char*>(begin_);
  const auto from = static_cast<std::size_t>(part.data() - base);
  // A page that a piece begins in the middle of was the end of the piece before it: it goes too.
  const std::size_t first = from / page_size() * page_size();
  const std::size_t last = (from + part.size()) / page_size() * page_size();
  if (first < last) ::madvise(static_cast<char*>(begin_) + first, last - first, MADV_DONTNEED);
}

}  // namespace millrace
