#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "replication/batch.hpp"
#include "replication/run_observer.hpp"

namespace millrace::replication {

/// What the stream did, table by table, and how soon. Thread-safe.
class StreamActivity {
 public:
  /// The stream carries the table from now on.
  void carry(const std::string& table, std::int64_t loaded_rows);
  /// A batch was applied. One that does not commit counts with the next one that does. `now_us`: since 2000-01-01 UTC.
  void applied(const Batch& batch, std::int64_t now_us);

  std::vector<TableActivity> tables() const;
  LatencyCounts latency() const;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, TableActivity> tables_;
  std::map<std::string, ChangeCounts> open_;  ///< of pieces whose transaction is not committed
  LatencyCounts latency_;
};

/// PostgreSQL's microseconds since 2000-01-01 UTC as Unix milliseconds.
std::int64_t pg_time_to_unix_ms(std::int64_t us);
/// Now, as PostgreSQL counts.
std::int64_t pg_now_us();

}  // namespace millrace::replication
