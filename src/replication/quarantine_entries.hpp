#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "replication/apply_sql.hpp"
#include "replication/runner.hpp"
#include "support/ids.hpp"

namespace millrace::replication {

/// One row of millrace.quarantine (docs/formats/quarantine.md).
struct QuarantineEntry {
  std::int64_t id = 0;
  std::string source;  ///< "schema.table"
  std::string target;
  std::string op;  ///< load | insert | update | delete
  Lsn lsn;
  std::optional<std::int64_t> commit_ms;  ///< Unix time; none: of a load
  std::string key_text;                   ///< empty in tables without key
  std::string row_json;                   ///< empty for a deletion
  std::string reason;
  std::int64_t created_ms = 0;               ///< Unix time by the target's clock
  std::optional<std::int64_t> discarded_ms;  ///< set by discard_quarantined()
};

/// Which entries are meant.
struct QuarantineFilter {
  std::vector<std::string> tables;  ///< names or schema.name of the source; empty: all
  std::vector<std::int64_t> ids;    ///< empty: all
  bool discarded = false;           ///< also those that were discarded
  std::int64_t most = 0;            ///< 0: no limit
  std::int64_t after = 0;           ///< only ids above this
};

/// In the order in which they came. Throws Error kTableNotFound for a table that the pipeline has not, kPipelineState
/// when the target does not know the pipeline, and as sessions do.
std::vector<QuarantineEntry> read_quarantine(const TargetEndpoint& target, const std::string& pipeline,
                                             const QuarantineFilter& filter);

/// Marks the entries as seen to: they are not listed any more, but still known, so that later changes of rows that are
/// not on the target do not stop the pipeline. Recorded as an event. Returns how many were marked; throws as above.
std::int64_t discard_quarantined(const TargetEndpoint& target, const std::string& pipeline,
                                 const QuarantineFilter& filter);

/// An INSERT into millrace.events, for a transaction of the target. `severity`: info | warning | error.
Sql record_event_sql(const std::string& pipeline, const std::string& kind, const std::string& severity,
                     const std::string& table, const std::string& message);

}  // namespace millrace::replication
