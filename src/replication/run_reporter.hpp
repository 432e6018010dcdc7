#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "replication/change_stream.hpp"
#include "replication/poison.hpp"
#include "replication/run_observer.hpp"
#include "replication/table_loader.hpp"

namespace millrace::replication {

/// Passes what a run's threads tell to the observer, one call at a time, and reads the counters about once a second, or
/// every ten while a stream has nothing to do. Thread-safe.
class RunReporter {
 public:
  explicit RunReporter(RunObserver& observer);
  ~RunReporter();
  RunReporter(const RunReporter&) = delete;
  RunReporter& operator=(const RunReporter&) = delete;

  void event(RunEvent event);
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
  void watch(const std::stop_token& stop);
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
  std::condition_variable_any changed_;
  std::atomic<bool> rests_{false};  ///< the last look found a stream with nothing to do
  std::jthread ticker_;             ///< last: it uses all of the above
};

}  // namespace millrace::replication
