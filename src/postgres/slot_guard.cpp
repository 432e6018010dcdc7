#include "postgres/slot_guard.hpp"

namespace millrace::postgres {
namespace {

Error source_changed(const std::string& sentence) {
  return Error(ErrorCode::kSourceChanged, sentence);
}

std::optional<Error> judge_server(const SlotPosition& position, const SlotExpectation& expected) {
  if (!expected.system_identifier.empty() && !position.system_identifier.empty() &&
      expected.system_identifier != position.system_identifier) {
    return source_changed("The source is another server: its system identifier is " + position.system_identifier +
                          ", the copy was made from " + expected.system_identifier + ".");
  }
  // A standby may simply be behind.
  if (!position.in_recovery && position.wal < expected.checkpoint) {
    Error error = source_changed("The source's WAL ends at " + position.wal.to_string() + ", before the checkpoint " +
                                 expected.checkpoint.to_string() + ".");
    return error.because("It was restored from a backup, or a standby was promoted that had not received everything.");
  }
  return std::nullopt;
}

std::optional<Error> judge_kind(const SlotPosition& position, const std::string& slot) {
  if (position.type != "logical" || position.plugin != "pgoutput") {
    return Error(ErrorCode::kSlotUnfit,
                 "The slot " + slot + " is " +
                     (position.type == "logical" ? "of the plugin " + position.plugin : "a " + position.type + " one") +
                     ", not one of pgoutput.");
  }
  if (position.slot_database != position.database) {
    return Error(ErrorCode::kSlotUnfit, "The slot " + slot + " belongs to the database " + position.slot_database +
                                            ", not to " + position.database + ".");
  }
  return std::nullopt;
}

}  // namespace

std::optional<Error> judge(const SlotPosition& position, const SlotExpectation& expected) {
  if (auto error = judge_server(position, expected)) return error;
  const auto& slot = expected.slot;
  if (!position.exists) {
    return Error(ErrorCode::kSlotMissing, "The slot " + slot + " does not exist on the source.");
  }
  if (auto error = judge_kind(position, slot)) return error;
  if (position.wal_status == "lost" || !position.invalidation.empty() || !position.restart) {
    Error error(ErrorCode::kSlotLost, "The slot " + slot + " was invalidated: the source has removed WAL it needs.");
    if (!position.invalidation.empty()) error.because("PostgreSQL gives the reason " + position.invalidation + ".");
    return error;
  }
  if (position.confirmed_flush && *position.confirmed_flush > expected.checkpoint) {
    Error error(ErrorCode::kSlotUnfit, "The slot " + slot + " is confirmed up to " +
                                           position.confirmed_flush->to_string() + ", beyond the checkpoint " +
                                           expected.checkpoint.to_string() + ": the changes between are lost.");
    return error.because("The slot was made anew, or somebody else has read it.")
        .suggest("Delete the pipeline and create it again, so that the tables are loaded anew.");
  }
  if (position.active) {
    return Error(ErrorCode::kSlotInUse,
                 "The slot " + slot + " is read by " +
                     (position.active_pid ? "process " + std::to_string(*position.active_pid) : "another process") +
                     " of the source.");
  }
  return std::nullopt;
}

}  // namespace millrace::postgres
