#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>

#include "pgoutput/messages.hpp"
#include "replication/relation_map.hpp"
#include "replication/spill_file.hpp"
#include "support/ids.hpp"

namespace millrace::replication {

/// The stream's messages for one table while it is loaded, whole transactions in commit order, as PostgreSQL sent them:
/// a little in memory, the rest in a file without a name. Not thread-safe.
class TableSpool {
 public:
  /// `budget` outlives the spool.
  TableSpool(const std::filesystem::path& directory, SpillBudget& budget) : file_(directory, budget) {}

  /// A transaction opens; it is kept only if a message follows.
  void begin(Lsn commit_lsn, std::int64_t commit_time);
  /// Throws as SpillFile::append().
  void add(HeldBytes raw, bool streamed);
  void commit(Lsn end_lsn, std::int64_t commit_time);
  /// The table's newest Relation message: what the messages that follow are in.
  void keep_relation(const pgoutput::Relation& relation) { relation_ = std::make_unique<KeptRelation>(relation); }
  const KeptRelation* relation() const { return relation_.get(); }

  struct Reader {
    std::function<void(Lsn commit_lsn, std::int64_t commit_time)> begin;
    std::function<void(const pgoutput::Message& message)> change;
    std::function<void(Lsn end_lsn, std::int64_t commit_time)> commit;
  };
  /// Throws kSpillFailed, and what the reader throws.
  void replay(const Reader& reader) const;
  std::uint64_t bytes() const { return file_.bytes(); }

 private:
  void mark(char kind, Lsn lsn, std::int64_t time);

  SpillFile file_;
  std::unique_ptr<KeptRelation> relation_;
  Lsn commit_lsn_;
  std::int64_t commit_time_ = 0;
  bool begun_ = false;  ///< the open transaction's beginning is in the file
};

}  // namespace millrace::replication
