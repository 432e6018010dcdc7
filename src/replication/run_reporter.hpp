#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "replication/change_stream.hpp"
#include "replication/poison.hpp"
#include "replication/run_observer.hpp"
#include "replication/table_loader.hpp"
#include "support/shared_ticker.hpp"

namespace millrace::replication {

/// Passes what a run's threads tell to the observer, one call at a time, and reads the counters about once a second, or
/// every thirty while a stream has nothing to do. Thread-safe.
class RunReporter {
 public:
  /// `ticker`: shared with other runs, and alive for longer; none: it has its own.
  explicit RunReporter(RunObserver& observer, SharedTicker* ticker = nullptr);
  ~RunReporter();
  RunReporter(const RunReporter&) = delete;
  RunReporter& operator=(const RunReporter&) = delete;

  void event(const RunEvent& event);
  /// Rows that were put aside: an event each, up to a number.
  void quarantined(const std::vector<PoisonRow>& rows);
  /// The phase whose counters are read from now on.
  void loading(std::vector<TableProgress> tables, std::vector<std::shared_ptr<LoadCounters>> counters);
  void table_state(const std::string& table, const std::string& state);
  /// A load that ran beside the stream is done.
  void loaded();
  void streaming(std::shared_ptr<StreamCounters> counters);
  void idle();
  /// The source's WAL position and the slot, when somebody has looked.
  void source_position(Lsn lsn);
  void slot(const SlotProgress& progress);
  /// The numbers move again. Cheap.
  void stir();

 private:
  std::chrono::milliseconds report();
  void tick();
  void tick_load(double seconds);
  void tick_stream(double seconds);

  RunObserver& observer_;
  std::mutex mutex_;
  std::vector<TableProgress> tables_;
  std::vector<std::shared_ptr<LoadCounters>> load_;
  std::vector<std::int64_t> rows_before_;
  std::shared_ptr<StreamCounters> stream_;
  std::uint64_t changes_before_ = 0;
  std::uint64_t batches_before_ = 0;
  std::int64_t apply_us_before_ = 0;
  Lsn source_position_;
  std::chrono::steady_clock::time_point last_;
  std::atomic<bool> rests_{false};    ///< the last look found a stream with nothing to do
  std::atomic<bool> stirred_{false};  ///< since the last look began
  std::optional<SharedTicker> own_ticker_;
  SharedTicker& ticker_;
  const int ticks_;  ///< its number there
};

}  // namespace millrace::replication
