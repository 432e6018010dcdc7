#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace millrace::pipeline {

/// The word for a whole pipeline. Failed counts before everything: a pipeline with one failed task is FAILED.
enum class State { kCreating, kRunning, kPaused, kDegraded, kStopped, kFailed, kUnknown, kDeleting };
const char* to_string(State state);

struct TaskStatus {
  int id = 0;
  std::string state;  ///< Kafka Connect's word: RUNNING, FAILED, PAUSED, UNASSIGNED, RESTARTING, ...
  std::string worker;
  std::string root_cause;  ///< last "Caused by:" of the trace, without the stack
};

struct ConnectorStatus {
  std::string name;
  std::string kind;   ///< "source" | "sink"
  std::string state;  ///< MISSING when the cluster does not know it
  std::string worker;
  std::string root_cause;
  std::vector<TaskStatus> tasks;
};

struct TableStatus {
  std::string source;  ///< schema.table
  std::string target;
  std::string topic;
  std::optional<std::int64_t> messages;        ///< in the topic, since its creation
  std::optional<std::int64_t> lag_messages;    ///< in the topic and not yet consumed by the sink
  std::optional<std::int64_t> target_rows;     ///< as the catalog of SQL Server estimates them
  std::optional<std::int64_t> last_change_ms;  ///< Unix time of the newest record in the topic
  /// What an engine that loads by itself knows: pending | copying | ready | failed; empty elsewhere.
  std::string load_state;
  std::optional<std::int64_t> loaded_rows;     ///< by the load that is under way, or by the last one
  std::optional<std::int64_t> estimated_rows;  ///< of a load that is under way
};

/// What `millrace status` shows. Absent values could not be read: `warnings` says why.
struct PipelineStatus {
  std::string pipeline;
  State state = State::kUnknown;
  std::string reason;  ///< why it is not RUNNING, in words
  std::string engine;
  std::string process;  ///< that runs it, or ran it last: "pid 4711 on host"; empty: none
  std::vector<ConnectorStatus> connectors;
  std::vector<TableStatus> tables;
  std::optional<std::int64_t> slot_lag_bytes;       ///< WAL not yet confirmed
  std::optional<std::int64_t> slot_retained_bytes;  ///< WAL kept on disk for the slot
  std::string slot_wal_status;
  std::optional<bool> slot_active;
  std::optional<std::int64_t> sink_lag_messages;
  std::string applied_lsn;                      ///< everything that committed before it is on the target
  std::optional<std::int64_t> apply_lag_bytes;  ///< WAL written since applied_lsn
  std::optional<double> apply_lag_s;            ///< by the process that runs it; 0: caught up
  std::optional<double> changes_per_s;
  std::optional<std::int64_t> last_change_ms;  ///< Unix time of the last change that was carried
  std::string schema_policy;                   ///< "apply,drop_column=pause"; empty: the engine has none
  std::vector<std::string> warnings;
};

}  // namespace millrace::pipeline
