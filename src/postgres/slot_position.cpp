#include "postgres/slot_guard.hpp"

namespace millrace::postgres {
namespace {

std::string sql_for(int version, bool may_read_control) {
  // A row also when there is no slot: the server's side is told either way.
  return "SELECT " +
         std::string(may_read_control ? "(SELECT system_identifier::text FROM pg_control_system())" : "''") +
         ", CASE WHEN NOT r.recovery THEN ('x' || left(pg_walfile_name(w.lsn), 8))::bit(32)::int END, r.recovery, "
         "w.lsn, current_database(), s.slot_name IS NOT NULL, coalesce(s.plugin, ''), coalesce(s.slot_type, ''), "
         "coalesce(s.database, ''), coalesce(s.active, false), s.active_pid, " +
         (version >= 130000 ? "coalesce(s.wal_status, '')" : "'reserved'") + ", " +
         (version >= 170000 ? "coalesce(s.invalidation_reason, '')" : "''") +
         ", s.confirmed_flush_lsn, s.restart_lsn FROM (SELECT pg_is_in_recovery()) r(recovery) CROSS JOIN LATERAL "
         "(SELECT CASE WHEN r.recovery THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_insert_lsn() END) w(lsn) "
         "LEFT JOIN pg_replication_slots s ON s.slot_name = $1";
}

std::optional<Lsn> optional_lsn(const Result& result, std::size_t column) {
  const auto& field = result.rows().at(0).at(column);
  return field ? Lsn::parse(*field) : std::nullopt;
}

std::optional<int> optional_int(const Result& result, std::size_t column) {
  if (!result.rows().at(0).at(column)) return std::nullopt;
  return static_cast<int>(result.integer(0, column));
}

}  // namespace

SlotPosition read_slot_position(Connection& connection, const std::string& slot) {
  const bool control =
      connection.query("SELECT has_function_privilege('pg_control_system()', 'EXECUTE')").boolean(0, 0);
  const auto result = connection.query(sql_for(connection.server_version(), control), {slot});
  return {.system_identifier = result.text(0, 0),
          .timeline = optional_int(result, 1),
          .in_recovery = result.boolean(0, 2),
          .wal = optional_lsn(result, 3).value_or(Lsn()),
          .database = result.text(0, 4),
          .exists = result.boolean(0, 5),
          .plugin = result.text(0, 6),
          .type = result.text(0, 7),
          .slot_database = result.text(0, 8),
          .active = result.boolean(0, 9),
          .active_pid = optional_int(result, 10),
          .wal_status = result.text(0, 11),
          .invalidation = result.text(0, 12),
          .confirmed_flush = optional_lsn(result, 13),
          .restart = optional_lsn(result, 14)};
}

}  // namespace millrace::postgres
