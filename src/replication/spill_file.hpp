#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>

#include "support/ids.hpp"
#include "support/mapped_bytes.hpp"
#include "support/unlinked_file.hpp"

namespace millrace::replication {

/// Bytes that the spill files of one store may hold together.
struct SpillBudget {
  std::uint64_t limit = 0;
  std::uint64_t used = 0;
};

/// The messages of one streamed transaction, in the order in which they came (PostgreSQL sends large transactions
/// before it knows whether they commit). The first ones are held in memory, up to a small buffer; the rest is on disk
/// in a file without a name, which nothing survives: after a restart the server sends the transaction again.
/// Not thread-safe.
class SpillFile {
 public:
  /// `directory` is used, and must exist, when the buffer is full for the first time. `budget` outlives the file.
  SpillFile(std::filesystem::path directory, SpillBudget& budget);
  ~SpillFile();
  SpillFile(const SpillFile&) = delete;
  SpillFile& operator=(const SpillFile&) = delete;
  SpillFile(SpillFile&&) = delete;
  SpillFile& operator=(SpillFile&&) = delete;

  /// Keeps one raw message, behind `head` when there is one. `subxid`: the (sub)transaction that made the change; the
  /// top transaction's id for messages that name none. Throws Error kSpillFull when the disk or the budget is used up,
  /// kSpillFailed when the file cannot be written; then the message is not kept and the ones before it are.
  void append(Xid subxid, HeldBytes message, std::string_view head = {});
  /// Leaves the subtransaction's messages out of replay(). PostgreSQL reports each nested one by itself. Its Relation
  /// messages go with it: after every abort the server describes again what it uses. The room is not given back.
  void abort_subtransaction(Xid subxid);
  using Each = std::function<void(HeldBytes)>;
  /// Calls `each` with every message that was not rolled back, in order; a long one lies in a mapping. The view lives
  /// for the call. Throws kSpillFailed, and whatever `each` throws. May be repeated.
  void replay(const Each& each) const;
  /// Bytes kept, those of aborted subtransactions included.
  std::uint64_t bytes() const { return written_ + buffer_.size(); }

 private:
  void flush();
  UnlinkedFile& file();

  std::filesystem::path directory_;
  SpillBudget& budget_;
  std::unique_ptr<UnlinkedFile> file_;  ///< none until the buffer was full
  std::uint64_t written_ = 0;
  std::string buffer_;
  std::unordered_set<std::uint32_t> aborted_;
};

/// The spill files of a stream's open transactions. Not thread-safe.
class SpillStore {
 public:
  /// `directory` empty: the system's temporary one. `quota`: bytes of all files together.
  explicit SpillStore(std::filesystem::path directory, std::uint64_t quota = kDefaultQuota);

  static constexpr std::uint64_t kDefaultQuota = std::uint64_t{64} << 30U;

  /// SpillFile::append() for the top transaction `xid`, which begins to exist with its first message.
  void append(Xid xid, Xid subxid, HeldBytes message);
  /// Stream Abort: the whole transaction when both ids are the same. Unknown ones are ignored.
  void abort(Xid xid, Xid subxid);
  /// SpillFile::replay(); nothing for a transaction without messages.
  void replay(Xid xid, const SpillFile::Each& each) const;
  /// Forgets a transaction: after its replay, or because the server begins to send it anew (Stream Start, first).
  void remove(Xid xid) { files_.erase(xid.value); }
  /// Forgets all: for a new connection, on which the server sends open transactions from their beginning.
  void clear() { files_.clear(); }

  std::uint64_t bytes() const { return budget_.used; }
  std::size_t transactions() const { return files_.size(); }

 private:
  std::filesystem::path directory_;
  SpillBudget budget_;
  std::map<std::uint32_t, SpillFile> files_;
};

}  // namespace millrace::replication
