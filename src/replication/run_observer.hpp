#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "replication/change_counts.hpp"
#include "replication/latency_counts.hpp"
#include "support/error.hpp"
#include "support/ids.hpp"

namespace millrace::replication {

/// Something that happened once: for people, logs and the target's events table.
struct RunEvent {
  enum class Severity { kInfo, kWarning, kError } severity = Severity::kInfo;
  std::string kind;   ///< "load.started", "load.table_finished", "load.finished", "stream.started", "stream.stopped",
                      ///< "schema.applied", "row.quarantined", "retry", "slot.at_risk": docs/reference/events.md
  std::string table;  ///< schema.table of the source, or empty
  std::string message;
  std::string lsn;        ///< or empty
  std::string code = {};  ///< of an error, as in docs/reference/errors.md
};

/// One table of a load that is under way.
struct TableProgress {
  std::string table;  ///< schema.table of the source
  std::string state;  ///< pending | copying | ready | failed
  std::int64_t rows = 0;
  std::int64_t estimated_rows = -1;  ///< by the source's statistics; -1: unknown
  std::int64_t bytes = 0;            ///< of COPY data
  double rows_per_s = 0;
  std::optional<std::int64_t> seconds_left;  ///< by the estimate
};

/// What the stream carried of one table since the run began.
struct TableActivity {
  std::string table;  ///< schema.table of the source
  std::int64_t loaded_rows = 0;
  ChangeCounts changes;
  std::optional<std::int64_t> last_commit_ms;  ///< Unix time of the source's last transaction that changed it
};

/// Where the stream is. Taken about once a second.
struct StreamProgress {
  Lsn applied;
  Lsn received;
  std::int64_t lag_bytes = 0;   ///< source's WAL position - applied
  std::optional<double> lag_s;  ///< age of the newest applied commit while there is more to apply; 0 when caught up
  std::uint64_t changes = 0;    ///< since the start
  std::uint64_t transactions = 0;
  double changes_per_s = 0;
  bool caught_up = false;
  std::vector<TableActivity> tables;           ///< that the stream carries
  LatencyCounts latency;                       ///< since the run began
  std::optional<std::int64_t> last_commit_ms;  ///< Unix time of the source's last transaction that was applied
  double apply_ms = 0;                         ///< mean time of a batch's apply since the last look; 0: there was none
};

/// What the source keeps for the pipeline's slot.
struct SlotProgress {
  std::string name;
  bool active = false;
  std::int64_t retained_bytes = 0;          ///< WAL kept on disk for it
  std::optional<std::int64_t> safe_bytes;   ///< WAL that may still be written before PostgreSQL gives it up
  std::optional<std::int64_t> limit_bytes;  ///< max_slot_wal_keep_size; none: no limit
  std::string wal_status;                   ///< reserved | extended | unreserved | lost
};

/// Takes what a run tells. Called from the run's threads, one call at a time; must return soon and not throw.
class RunObserver {
 public:
  virtual ~RunObserver() = default;
  virtual void event(const RunEvent& event) = 0;
  virtual void load_progress(const std::vector<TableProgress>& tables) = 0;
  virtual void stream_progress(const StreamProgress& progress) = 0;
  /// Every few seconds, during a load too.
  virtual void slot_progress(const SlotProgress& /*progress*/) {}
};

}  // namespace millrace::replication
