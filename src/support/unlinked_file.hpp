#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string_view>

namespace millrace {

/// A file without a name, for data that must not outlive the process: it is gone with its last descriptor, also after
/// kill -9. Only the user of the process may read it. Nothing is synced. Not thread-safe.
class UnlinkedFile {
 public:
  /// kTemporary: O_TMPFILE where the file system has it, else as kRemoved. kRemoved: made under a random name that is
  /// removed at once; a process killed in between leaves an empty file.
  enum class Naming { kTemporary, kRemoved };

  /// Throws Error kSpillFull when there is no room, kSpillFailed when `directory` cannot be written.
  explicit UnlinkedFile(const std::filesystem::path& directory, Naming naming = Naming::kTemporary);
  ~UnlinkedFile();
  UnlinkedFile(const UnlinkedFile&) = delete;
  UnlinkedFile& operator=(const UnlinkedFile&) = delete;
  UnlinkedFile(UnlinkedFile&&) = delete;
  UnlinkedFile& operator=(UnlinkedFile&&) = delete;

  /// Writes all of `bytes` at `offset`. Throws kSpillFull when there is no room (disk, disk quota or the largest file
  /// size), kSpillFailed else; then any part of them may have been written.
  void write(std::uint64_t offset, std::string_view bytes);
  /// Reads exactly `size` bytes. Throws kSpillFailed when they are not there.
  void read(std::uint64_t offset, char* into, std::size_t size) const;
  /// mmap(2) for reading, of bytes that were written; `offset` at a page's beginning. The caller unmaps it. Throws
  /// kSpillFailed.
  void* map(std::uint64_t offset, std::size_t size) const;

 private:
  std::filesystem::path directory_;
  int descriptor_ = -1;
};

}  // namespace millrace
