#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <stop_token>
#include <thread>

#include "server/live_board.hpp"
#include "store/database.hpp"
#include "store/metric_history.hpp"

namespace millrace::server {

/// Sends the board's changes to live views once a second, writes a sample of every pipeline that moves into the metric
/// history every ten seconds, and rolls the history up once a minute. A store that is away leaves a gap. Thread-safe.
class Recorder {
 public:
  Recorder(std::shared_ptr<store::Database> database, LiveBoard& board);
  ~Recorder();
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;

 private:
  /// Where counts stood at the last sample.
  struct Before {
    std::int64_t time_ms = 0;
    std::uint64_t changes = 0;
    std::uint64_t applied = 0;
    std::int64_t load_rows = 0;
    std::int64_t load_bytes = 0;
  };
  void run(const std::stop_token& stop);
  void sample(std::int64_t now_ms);
  static store::MetricSample sample_of(const LiveNumbers& numbers, Before& before, std::int64_t now_ms);

  std::shared_ptr<store::Database> database_;
  LiveBoard& board_;
  std::map<PipelinePlace, Before> before_;
  std::jthread thread_;  ///< last: it uses all of the above
};

}  // namespace millrace::server
