#include "support/unlinked_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string>
#include <system_error>

#include "support/error.hpp"

namespace millrace {
namespace {

[[noreturn]] void fail(int error, std::string_view what, const std::filesystem::path& directory) {
  const bool full = error == ENOSPC || error == EDQUOT || error == EFBIG;
  throw Error(full ? ErrorCode::kSpillFull : ErrorCode::kSpillFailed,
              fmt::format("A spill file in {} could not be {}: {}.", directory.string(), what,
                          std::generic_category().message(error)));
}

int open_temporary(const std::filesystem::path& directory) {
  // With O_EXCL it can never be given a name.
  return ::open(directory.c_str(), O_TMPFILE | O_EXCL | O_RDWR | O_CLOEXEC, S_IRUSR | S_IWUSR);
}

int open_removed(const std::filesystem::path& directory) {
  std::string name = (directory / "millrace-spill-XXXXXX").string();
  const int descriptor = ::mkostemp(name.data(), O_CLOEXEC);
  if (descriptor >= 0) ::unlink(name.c_str());
  return descriptor;
}

}  // namespace

UnlinkedFile::UnlinkedFile(const std::filesystem::path& directory, Naming naming) : directory_(directory) {
  if (naming == Naming::kTemporary) descriptor_ = open_temporary(directory);
  // Refused so by file systems (EOPNOTSUPP) and kernels (EISDIR) that do not know O_TMPFILE.
  const bool unknown = descriptor_ < 0 && (errno == EOPNOTSUPP || errno == EISDIR);
  if (naming == Naming::kRemoved || unknown) descriptor_ = open_removed(directory);
  if (descriptor_ < 0) fail(errno, "made", directory_);
}

UnlinkedFile::~UnlinkedFile() {
  ::close(descriptor_);
}

void UnlinkedFile::write(std::uint64_t offset, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t done = ::pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) fail(errno, "written", directory_);
    bytes.remove_prefix(static_cast<std::size_t>(done));
    offset += static_cast<std::uint64_t>(done);
  }
}

void UnlinkedFile::read(std::uint64_t offset, char* into, std::size_t size) const {
  while (size > 0) {
    const ssize_t done = ::pread(descriptor_, into, size, static_cast<off_t>(offset));
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) fail(errno, "read", directory_);
    if (done == 0) fail(EIO, "read to its end", directory_);
    into += done;
    size -= static_cast<std::size_t>(done);
    offset += static_cast<std::uint64_t>(done);
  }
}

void* UnlinkedFile::map(std::uint64_t offset, std::size_t size) const {
  void* begin = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, descriptor_, static_cast<off_t>(offset));
  if (begin == MAP_FAILED) fail(errno, "mapped", directory_);
  return begin;
}

}  // namespace millrace
