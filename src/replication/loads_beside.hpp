#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "replication/diversion.hpp"
#include "replication/relation_map.hpp"
#include "replication/spill_file.hpp"
#include "replication/table_spool.hpp"

namespace millrace::replication {

/// Tables that are loaded while the stream goes on for the others. Their load runs in a thread of its own under a
/// snapshot that is made after the stream began; until it is done, the stream's messages for them go into a spool. A
/// table that is loaded is handed over between two transactions: what its spool holds behind the snapshot, and the
/// mark that the table is ready, are applied in one target transaction. After a crash the table is not ready, and is
/// loaded anew under another snapshot, so that nothing is lost although the slot has moved on meanwhile.
class LoadsBeside : public Diversion {
 public:
  struct Settings {
    std::filesystem::path spill_dir;
    std::size_t batch_bytes = 16U << 20U;
    BatchBuilder::Referenced referenced;
    bool truncates = true;
    /// A schema watcher for a table's spool: as the stream's own.
    std::function<std::unique_ptr<SchemaWatcher>()> watcher;
    /// Steps before the first change of the spool: the table that was loaded comes into its place.
    std::function<std::vector<TargetStep>(const schema::TableName& source)> begin = {};
    /// How long the stream goes on for the other tables behind the failure of a load that is to be tried again: trying
    /// again begins the stream anew, and a source that is changed all the time must not keep it from getting on.
    std::chrono::milliseconds goes_on{5000};
    /// The step that marks the table as ready, and what to do when it is committed.
    std::function<TargetStep(const schema::TableName& source, std::int64_t rows)> ready;
  };
  /// `main`: where tables that are handed over are bound. It must not know the tables yet.
  LoadsBeside(std::vector<Table> tables, RelationMap& main, Settings settings);
  ~LoadsBeside() override;

  /// Begins the load: `load` runs in a thread of its own, calls loaded() for each table, and ends early when the token
  /// is stopped; what it throws, ready() throws, at once or when the stream has gone on for a while. `wake` is called
  /// from there when ready() has something to say.
  void start(std::function<void(const std::stop_token&)> load, std::function<void()> wake);
  /// The table's rows are on the target, as of its binding's snapshot LSN. Called by the load.
  void loaded(const schema::TableName& source, std::int64_t rows);

  void begin(Lsn commit_lsn, std::int64_t commit_time) override;
  bool take(const pgoutput::Message& message, HeldBytes raw, bool streamed) override;
  void commit(Lsn end_lsn, std::int64_t commit_time) override;
  bool holds() const override { return !tables_.empty(); }
  bool ready() override;
  void hand_over(BatchBuilder& builder, const Give& give) override;

 private:
  struct Loading {
    Table table;
    TableSpool spool;
  };
  struct Done {
    schema::TableName source;
    std::int64_t rows = 0;
  };

  Loading* of(Oid relation);
  void fail(std::exception_ptr failure, bool passes);
  void hand_over(Loading& loading, std::int64_t rows, BatchBuilder& builder, const Give& give);

  RelationMap& main_;
  Settings settings_;
  SpillBudget budget_;
  std::map<schema::TableName, std::unique_ptr<Loading>> tables_;
  std::unordered_map<std::uint32_t, Loading*> relations_;

  std::mutex mutex_;
  std::vector<Done> done_;
  std::exception_ptr failure_;
  bool passes_ = false;  ///< the failure is no reason to stop the other tables at once
  std::atomic<bool> news_{false};
  /// Since when the load is known to have failed: what is held back for it is needed no more, as the next load's
  /// snapshot will be behind it. By the reading thread.
  std::optional<std::chrono::steady_clock::time_point> given_up_;
  std::function<void()> wake_;
  std::jthread thread_;  ///< last: it uses all of the above
};

}  // namespace millrace::replication
