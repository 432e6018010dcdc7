#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "schema/table_name.hpp"
#include "sqlserver/session.hpp"
#include "support/ids.hpp"

/// What Millrace keeps on the target, in schema millrace: docs/formats/target_state.md.
namespace millrace::sqlserver {

/// One pipeline's row of millrace.checkpoint.
struct Checkpoint {
  std::string pipeline;
  std::int64_t fence = 0;         ///< of the process that may write; a new one takes the next number
  std::string system_identifier;  ///< of the source
  std::string slot;
  Lsn lsn;  ///< everything that committed before it is on the target; kept as a bigint of the same 64 bits
  std::optional<std::int64_t> commit_ms;   ///< Unix time of the last applied commit on the source
  std::optional<std::int64_t> updated_ms;  ///< Unix time, by the target's clock
};

/// One row of millrace.table_state.
struct TableState {
  schema::TableName source;
  schema::TableName target;
  std::string state;  ///< pending | copying | ready | failed
  std::optional<Lsn> snapshot_lsn;
  std::int64_t loaded_rows = 0;
  std::string shape;   ///< JSON, see replication/shape_json.hpp; empty: none
  std::string detail;  ///< why it failed
};

/// A statement with '?' marks and their values.
struct StateStatement {
  std::string sql;
  std::vector<std::optional<std::string>> parameters;
};

/// Makes schema and tables where they are not there. Safe to repeat, also by two processes at once. Throws Error
/// kStoreVersion when a newer Millrace made them.
void ensure_state_schema(Session& session);
/// Throws Error kPipelineExists when the pipeline has a row already.
void create_checkpoint(Session& session, const Checkpoint& checkpoint);
/// Nothing: no row, or no schema millrace.
std::optional<Checkpoint> read_checkpoint(Session& session, const std::string& pipeline);
/// Raises the fence, so that whoever wrote before cannot any more, and reads the row. Waits for a transaction that
/// holds it. `newest`: the highest fence that may be passed. Throws Error kPipelineState when there is no row, kFenced
/// when its fence is higher than `newest`.
Checkpoint take_over(Session& session, const std::string& pipeline,
                     std::int64_t newest = std::numeric_limits<std::int64_t>::max());
/// The fenced UPDATE for use inside a batch's transaction: touches no row when the fence is not the given one.
/// `commit_time`: microseconds since 2000-01-01 UTC; 0 leaves the old one.
StateStatement advance_checkpoint(const std::string& pipeline, std::int64_t fence, Lsn lsn, std::int64_t commit_time,
                                  std::uint64_t changes);

/// In the order of their names.
std::vector<TableState> read_table_states(Session& session, const std::string& pipeline);
/// The fenced update of a table's row, for use inside a transaction: it locks the checkpoint's row. Ends with THROW
/// kFencedOff when the fence is not the given one, and with THROW kStateGone when the row is not there: a table that
/// was taken out while it was loaded does not come back by the load's end.
StateStatement change_table_state_statement(const std::string& pipeline, std::int64_t fence, const TableState& state);
/// Runs it in a transaction of its own. Throws Error kFenced, kTargetDrift.
void change_table_state(Session& session, const std::string& pipeline, std::int64_t fence, const TableState& state);
/// What kStateGone means: Error kTargetDrift.
Error state_gone(const std::string& pipeline, const schema::TableName& source);
/// The same for a table that may be new: its row is made where it is missing. Throws Error kFenced.
void save_table_state(Session& session, const std::string& pipeline, std::int64_t fence, const TableState& state);
void remove_table_state(Session& session, const std::string& pipeline, const schema::TableName& source);

/// Removes the pipeline's rows and the given stage tables, and schema millrace when nothing is left in it.
void remove_pipeline(Session& session, const std::string& pipeline, const std::vector<schema::TableName>& stages);

/// The number of the THROW that means: another process has taken over.
inline constexpr int kFencedOff = 51012;
inline constexpr int kStateGone = 51014;

}  // namespace millrace::sqlserver
