#include "cli/private_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "support/error.hpp"

namespace millrace::cli {
namespace {

constexpr mode_t kOwnerAlone = 0700;

[[noreturn]] void refuse(const std::filesystem::path& file) {
  throw Error(ErrorCode::kUsage, "The file " + file.string() + " cannot be written.").because(std::strerror(errno));
}

/// A file that nobody has seen yet; removed unless it was put in its place.
class NewFile {
 public:
  explicit NewFile(const std::filesystem::path& place) : place_(place), name_(place.string() + ".XXXXXX") {
    // mkstemp() gives the owner alone the right to read it.
    handle_ = ::mkostemp(name_.data(), O_CLOEXEC);
    if (handle_ < 0) refuse(place_);
  }
  ~NewFile() {
    ::close(handle_);
    if (!placed_) ::unlink(name_.c_str());
  }
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;

  void write(const std::string& text) const {
    std::size_t done = 0;
    while (done < text.size()) {
      const auto wrote = ::write(handle_, text.data() + done, text.size() - done);
      if (wrote < 0 && errno == EINTR) continue;
      if (wrote < 0) refuse(place_);
      done += static_cast<std::size_t>(wrote);
    }
  }

  void put_in_place() {
    if (::fsync(handle_) != 0 || ::rename(name_.c_str(), place_.c_str()) != 0) refuse(place_);
    placed_ = true;
  }

 private:
  std::filesystem::path place_;
  std::string name_;
  int handle_ = -1;
  bool placed_ = false;
};

}  // namespace

void write_private_file(const std::filesystem::path& file, const std::string& text) {
  if (const auto directory = file.parent_path(); !directory.empty() && !std::filesystem::exists(directory)) {
    std::error_code failure;
    if (directory.has_parent_path()) std::filesystem::create_directories(directory.parent_path(), failure);
    ::mkdir(directory.c_str(), kOwnerAlone);
  }
  NewFile fresh(file);
  fresh.write(text);
  fresh.put_in_place();
}

}  // namespace millrace::cli
