#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "support/error.hpp"
#include "support/ids.hpp"

namespace millrace::replication {

/// Something that happened once: for people, logs and the target's events table.
struct RunEvent {
  enum class Severity { kInfo, kWarning, kError } severity = Severity::kInfo;
  std::string kind;   ///< "load.started", "load.table_finished", "load.finished", "stream.started", "stream.stopped",
                      ///< "table.truncated", "schema.changed", "row.quarantined", "retry", "slot.at_risk", "failed"
  std::string table;  ///< schema.table of the source, or empty
  std::string message;
  std::string lsn;  ///< or empty
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
};

/// Takes what a run tells. Called from the run's threads, one call at a time; must return soon and not throw.
class RunObserver {
 public:
  virtual ~RunObserver() = default;
  virtual void event(const RunEvent& event) = 0;
  virtual void load_progress(const std::vector<TableProgress>& tables) = 0;
  virtual void stream_progress(const StreamProgress& progress) = 0;
};

}  // namespace millrace::replication
