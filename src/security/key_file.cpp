#include "security/key_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>

#include "support/error.hpp"
#include "support/failpoint.hpp"

namespace millrace::security {
namespace {

constexpr off_t kLargest = off_t{64} << 10;

class File {
 public:
  explicit File(int descriptor) : descriptor_(descriptor) {}
  ~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int get() const { return descriptor_; }

 private:
  int descriptor_;
};

Error failed(const std::filesystem::path& file, const std::string& what) {
  return Error(ErrorCode::kKeyRing, "The key file " + file.string() + " " + what + ".");
}

std::string reason() {
  return std::generic_category().message(errno);
}

void write_whole(const File& file, const std::filesystem::path& path, const std::string& content) {
  std::size_t done = 0;
  while (done < content.size()) {
    const auto written = ::write(file.get(), content.data() + done, content.size() - done);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) throw failed(path, "cannot be written: " + reason());
    done += static_cast<std::size_t>(written);
  }
  if (::fsync(file.get()) != 0) throw failed(path, "cannot be written: " + reason());
}

void sync_directory(const std::filesystem::path& file) {
  const auto parent = file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
  const File directory(::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.get() >= 0) ::fsync(directory.get());
}

}  // namespace

Secret read_key_file(const std::filesystem::path& path) {
  const File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat facts {};
  if (file.get() < 0 || ::fstat(file.get(), &facts) != 0) throw failed(path, "cannot be read: " + reason());
  if ((facts.st_mode & (S_IRWXG | S_IRWXO)) != 0) throw failed(path, "may be read by others; chmod 600 it");
  if (facts.st_size > kLargest) throw failed(path, "is too large to be one");
  std::string content(static_cast<std::size_t>(facts.st_size), '\0');
  std::size_t done = 0;
  while (done < content.size()) {
    const auto got = ::read(file.get(), content.data() + done, content.size() - done);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) throw failed(path, "cannot be read whole");
    done += static_cast<std::size_t>(got);
  }
  return Secret(std::move(content));
}

// A file that appears whole: two processes that start at once agree on one key, and none reads half of it.
bool make_key_file(const std::filesystem::path& path, const std::string& content) {
  if (::access(path.c_str(), F_OK) == 0) return false;
  const auto beside = path.string() + ".new." + std::to_string(::getpid());
  {
    const File file(::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (file.get() < 0) throw failed(path, "cannot be made: " + reason());
    write_whole(file, path, content);
  }
  const int linked = ::link(beside.c_str(), path.c_str());
  const int why = errno;
  ::unlink(beside.c_str());
  if (linked != 0 && why == EEXIST) return false;
  errno = why;
  if (linked != 0) throw failed(path, "cannot be made: " + reason());
  sync_directory(path);
  return true;
}

void replace_key_file(const std::filesystem::path& path, const std::string& content) {
  const auto beside = path.string() + ".new." + std::to_string(::getpid());
  {
    const File file(::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (file.get() < 0) throw failed(path, "cannot be made: " + reason());
    write_whole(file, path, content);
  }
  hit(Failpoint::kRingWritten);
  if (::rename(beside.c_str(), path.c_str()) != 0) {
    const auto why = reason();
    ::unlink(beside.c_str());
    throw failed(path, "cannot be replaced: " + why);
  }
  sync_directory(path);
}

}  // namespace millrace::security
