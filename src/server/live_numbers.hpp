#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/status.hpp"
#include "replication/run_observer.hpp"

namespace millrace::server {

/// The word for a pipeline as it is now.
enum class Health { kUnknown, kStarting, kLoading, kRunning, kRetrying, kPaused, kStopped, kDegraded, kFailed };
const char* to_word(Health health);

/// How close a slot is to being given up by PostgreSQL.
enum class SlotRisk { kOk, kWarning, kAlarm, kLost };
const char* to_word(SlotRisk risk);
SlotRisk risk_of(const replication::SlotProgress& slot);

/// A count that begins anew with every attempt, as one that goes on.
class RunningTotal {
 public:
  void see(std::uint64_t count);
  std::uint64_t value() const { return before_ + last_; }

 private:
  std::uint64_t before_ = 0;
  std::uint64_t last_ = 0;
};

/// What is known of one table.
struct TableNumbers {
  std::string state;  ///< pending | copying | ready | failed
  std::optional<std::int64_t> rows;
  std::optional<std::int64_t> estimated_rows;
  std::optional<std::int64_t> bytes;
  std::optional<double> rows_per_s;
  std::optional<std::int64_t> seconds_left;
  RunningTotal inserts;
  RunningTotal updates;
  RunningTotal deletes;
  RunningTotal truncates;
  std::optional<std::int64_t> last_change_ms;
};

struct LastError {
  std::string code;
  std::string message;
  std::string table;
  std::string lsn;
  std::int64_t time_ms = 0;
  bool needs_person = false;
};

/// Commit-to-visible latencies of the last minute, and all of them for histograms.
class LatencyWindow {
 public:
  void see(const replication::LatencyCounts& counts, std::int64_t now_ms);
  replication::LatencyCounts last_minute() const;
  /// Since the server runs the pipeline.
  replication::LatencyCounts all() const;

 private:
  std::deque<std::pair<std::int64_t, replication::LatencyCounts>> seen_;
  replication::LatencyCounts before_;
};

/// Everything the server knows of one pipeline's present. A value.
struct LiveNumbers {
  Health health = Health::kUnknown;
  std::string reason;  ///< why it is not running, in words
  std::optional<std::int64_t> since_ms;
  std::int64_t taken_ms = 0;
  std::optional<std::int64_t> next_attempt_ms;
  std::optional<LastError> last_error;
  std::uint64_t failures = 0;  ///< runs that ended with an error
  std::uint64_t restarts = 0;  ///< runs begun again after one
  std::uint64_t retries = 0;   ///< attempts within runs that failed and were tried again
  bool loads = false;          ///< a load is under way
  std::optional<replication::StreamProgress> stream;
  RunningTotal changes;
  RunningTotal transactions;
  LatencyWindow latency;
  std::optional<replication::SlotProgress> slot;
  std::map<std::string, TableNumbers> tables;
  std::vector<pipeline::ConnectorStatus> connectors;
  std::map<std::string, int> connector_restarts;  ///< by connector, since it last ran well

  std::size_t tables_ready() const;
};

/// The load as a whole.
struct LoadNumbers {
  std::int64_t rows = 0;
  std::optional<std::int64_t> estimated_rows;  ///< none: unknown of at least one table
  std::int64_t bytes = 0;
  double rows_per_s = 0;
  std::optional<std::int64_t> seconds_left;
};
/// Of the tables that are not ready and of those that this load made ready.
LoadNumbers sum_load(const LiveNumbers& numbers);

}  // namespace millrace::server
