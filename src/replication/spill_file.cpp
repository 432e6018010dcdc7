#include "replication/spill_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>
#include <vector>

#include "support/error.hpp"

namespace millrace::replication {
namespace {

constexpr std::size_t kBuffer = std::size_t{256} << 10U;
constexpr std::size_t kWindow = std::size_t{1} << 20U;
constexpr std::size_t kLong = std::size_t{4} << 20U;  ///< a longer message is mapped instead of read

// Stands before each message. In the machine's byte order: no other process reads it.
struct RecordHead {
  std::uint32_t subxid;
  std::uint32_t size;
};

// A piece of a file that is moved forward over it.
class Window {
 public:
  Window(const UnlinkedFile& file, std::uint64_t end) : file_(file), end_(end) {}

  // `size` bytes at `offset`, which lie before the end; they live until the next call.
  const char* at(std::uint64_t offset, std::size_t size) {
    if (offset < begin_ || offset + size > begin_ + bytes_.size()) {
      const std::uint64_t left = end_ - offset;
      bytes_.resize(static_cast<std::size_t>(std::min<std::uint64_t>(left, std::max(size, kWindow))));
      begin_ = offset;
      file_.read(offset, bytes_.data(), bytes_.size());
    }
    return bytes_.data() + (offset - begin_);
  }

 private:
  const UnlinkedFile& file_;
  std::uint64_t end_;
  std::uint64_t begin_ = 0;
  std::vector<char> bytes_;
};

RecordHead read_head(const char* bytes) {
  RecordHead head;
  std::memcpy(&head, bytes, sizeof(head));
  return head;
}

}  // namespace

SpillFile::SpillFile(std::filesystem::path directory, SpillBudget& budget)
    : directory_(std::move(directory)), budget_(budget) {}

SpillFile::~SpillFile() {
  budget_.used -= bytes();
}

UnlinkedFile& SpillFile::file() {
  if (!file_) file_ = std::make_unique<UnlinkedFile>(directory_);
  return *file_;
}

void SpillFile::append(Xid subxid, HeldBytes message, std::string_view head) {
  const std::uint64_t content = head.size() + message.view.size();
  if (content > std::numeric_limits<std::uint32_t>::max()) {
    throw Error(ErrorCode::kInternal, "A message is too long to be spilled.");
  }
  const RecordHead record{subxid.value, static_cast<std::uint32_t>(content)};
  const std::uint64_t size = sizeof(record) + content;
  if (size > budget_.limit - std::min(budget_.used, budget_.limit)) {
    throw Error(ErrorCode::kSpillFull,
                fmt::format("Streamed transactions that have not ended yet need more than the {} bytes set for them.",
                            budget_.limit));
  }
  const std::string_view record_bytes(reinterpret_cast<const char*>(&record), sizeof(record));
  if (buffer_.size() + size > kBuffer) flush();
  if (size > kBuffer) {
    std::uint64_t at = written_;
    const auto write = [&](std::string_view bytes) {
      file().write(at, bytes);
      at += bytes.size();
      return true;
    };
    write(record_bytes);
    write(head);
    in_pieces(message.view, message.mapped, write);
    written_ = at;
  } else {
    buffer_.append(record_bytes).append(head).append(message.view);
  }
  budget_.used += size;
}

// What was written counts only when all of it was: a failed flush() is repeated from the same offset.
void SpillFile::flush() {
  if (buffer_.empty()) return;
  file().write(written_, buffer_);
  written_ += buffer_.size();
  buffer_.clear();
}

void SpillFile::abort_subtransaction(Xid subxid) {
  aborted_.insert(subxid.value);
}

void SpillFile::replay(const Each& each) const {
  if (written_ > 0) {
    Window window(*file_, written_);
    for (std::uint64_t offset = 0; offset < written_;) {
      const RecordHead head = read_head(window.at(offset, sizeof(RecordHead)));
      offset += sizeof(head);
      if (!aborted_.contains(head.subxid)) {
        if (head.size > kLong) {
          const auto mapped = MappedBytes::of(*file_, offset, head.size);
          each({mapped->view(), mapped.get()});
        } else {
          each({{window.at(offset, head.size), head.size}});
        }
      }
      offset += head.size;
    }
  }
  for (std::string_view rest = buffer_; !rest.empty();) {
    const RecordHead head = read_head(rest.data());
    rest.remove_prefix(sizeof(head));
    if (!aborted_.contains(head.subxid)) each({rest.substr(0, head.size)});
    rest.remove_prefix(head.size);
  }
}

SpillStore::SpillStore(std::filesystem::path directory, std::uint64_t quota)
    : directory_(directory.empty() ? std::filesystem::temp_directory_path() : std::move(directory)),
      budget_{quota, 0} {}

void SpillStore::append(Xid xid, Xid subxid, HeldBytes message) {
  files_.try_emplace(xid.value, directory_, budget_).first->second.append(subxid, message);
}

void SpillStore::abort(Xid xid, Xid subxid) {
  if (xid == subxid) return remove(xid);
  const auto file = files_.find(xid.value);
  if (file != files_.end()) file->second.abort_subtransaction(subxid);
}

void SpillStore::replay(Xid xid, const SpillFile::Each& each) const {
  const auto file = files_.find(xid.value);
  if (file != files_.end()) file->second.replay(each);
}

}  // namespace millrace::replication
