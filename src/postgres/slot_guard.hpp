#pragma once

#include <optional>
#include <string>

#include "postgres/connection.hpp"
#include "support/ids.hpp"

namespace millrace::postgres {

/// Where the source and one of its slots stand, at one moment.
struct SlotPosition {
  std::string system_identifier;  ///< empty when pg_control_system() may not be called
  std::optional<int> timeline;    ///< none on a standby
  bool in_recovery = false;
  Lsn wal;               ///< written so far; on a standby replayed so far
  std::string database;  ///< of the connection
  bool exists = false;   ///< the members below are of the slot
  std::string plugin;
  std::string type;           ///< "logical" | "physical"
  std::string slot_database;  ///< empty for physical slots
  bool active = false;
  std::optional<int> active_pid;
  std::string wal_status;    ///< reserved | extended | unreserved | lost; "reserved" before PostgreSQL 13
  std::string invalidation;  ///< reason, from PostgreSQL 17
  std::optional<Lsn> confirmed_flush;
  std::optional<Lsn> restart;
};

/// One query, so that all is of the same moment. Changes nothing.
SlotPosition read_slot_position(Connection& connection, const std::string& slot);

/// What a pipeline knows of its source.
struct SlotExpectation {
  std::string slot;
  std::string system_identifier;  ///< empty: not known
  Lsn checkpoint;                 ///< all before it is durable on the target
};

/// May the stream go on from the checkpoint, without a gap? Nothing: yes. Else, in this order:
///   kSourceChanged  another system identifier, or a server whose WAL ends before the checkpoint: an older state of it
///   kSlotMissing    no such slot
///   kSlotLost       the slot was invalidated, its WAL is gone
///   kSlotUnfit      not pgoutput's, or another database's; or confirmed beyond the checkpoint: the slot was made anew
///                   or somebody else read it, and the changes between will not be sent again
///   kSlotInUse      another process reads it (may end by itself)
/// The last kSlotUnfit holds only for a reader that never confirms more than its stored checkpoint, also when it
/// is idle: store the checkpoint first, then confirm. For a slot made a moment ago the checkpoint is the slot's
/// confirmed_flush, which is its consistent point: what committed before is seen by its snapshot, what commits later
/// is streamed.
std::optional<Error> judge(const SlotPosition& position, const SlotExpectation& expected);

}  // namespace millrace::postgres
