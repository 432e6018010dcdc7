#include "postgres/server_facts.hpp"

#include "postgres/array_text.hpp"
#include "schema/table_name.hpp"

namespace millrace::postgres {
namespace {

constexpr int kVersion13 = 130000;
constexpr int kVersion14 = 140000;
constexpr int kVersion15 = 150000;
constexpr int kVersion17 = 170000;
constexpr int kVersion18 = 180000;

std::optional<std::int64_t> optional_integer(const Result& result, std::size_t row, std::size_t column) {
  if (!result.rows()[row][column]) return std::nullopt;
  return result.integer(row, column);
}

std::string optional_text(const Result& result, std::size_t row, std::size_t column) {
  return result.rows()[row][column].value_or("");
}

std::string setting(Connection& connection, const std::string& name) {
  const auto result = connection.query("SELECT current_setting($1, true)", {name});
  return result.rows()[0][0].value_or("");
}

/// pg_settings tells numbers in the setting's own unit.
std::int64_t numeric_setting(Connection& connection, const std::string& name, std::int64_t otherwise) {
  const auto result = connection.query(
      "SELECT CASE WHEN setting::bigint < 0 THEN setting::bigint ELSE setting::bigint * CASE unit "
      "WHEN 'kB' THEN 1024 WHEN '8kB' THEN 8192 WHEN 'MB' THEN 1048576 ELSE 1 END END FROM pg_settings WHERE name = $1",
      {name});
  return result.empty() ? otherwise : result.integer(0, 0);
}

/// What a session of this user begins with: the reset value, which Millrace's own SET does not change.
std::map<std::string, std::int64_t> session_timeouts(Connection& connection) {
  const auto result = connection.query(
      "SELECT name, reset_val::bigint FROM pg_settings WHERE reset_val::bigint > 0 AND name IN ('statement_timeout', "
      "'idle_in_transaction_session_timeout', 'idle_session_timeout', 'transaction_timeout')");
  std::map<std::string, std::int64_t> timeouts;
  for (std::size_t row = 0; row < result.size(); ++row) timeouts[result.text(row, 0)] = result.integer(row, 1);
  return timeouts;
}

/// A managed service gives REPLICATION by membership in a role of its own instead of the attribute.
std::string detect_cloud(Connection& connection) {
  const auto result = connection.query(
      "SELECT CASE WHEN rolname = 'rds_replication' THEN 'rds' WHEN rolname = 'cloudsqlsuperuser' THEN 'cloudsql' "
      "ELSE 'azure' END FROM pg_roles WHERE rolname IN ('rds_replication', 'cloudsqlsuperuser', 'azure_pg_admin') "
      "LIMIT 1");
  return result.empty() ? "" : result.text(0, 0);
}

void read_user(Connection& connection, ServerFacts& facts) {
  const auto user = connection.query(
      "SELECT current_user, rolsuper, rolreplication, has_database_privilege(current_database(), 'CREATE') "
      "FROM pg_roles WHERE rolname = current_user");
  facts.current_user = user.text(0, 0);
  facts.user_superuser = user.boolean(0, 1);
  facts.user_replication = facts.user_superuser || user.boolean(0, 2);
  facts.user_create_in_database = user.boolean(0, 3);
  if (facts.cloud == "rds" && !facts.user_replication) {
    facts.user_replication =
        connection.query("SELECT pg_has_role(current_user, 'rds_replication', 'USAGE')").boolean(0, 0);
  }
}

/// primary_conninfo holds a password and is shown to few: only whether it names a database leaves the server.
FailoverFacts read_failover(Connection& connection) {
  FailoverFacts facts;
  const auto result = connection.query(
      "SELECT s.name, CASE s.name WHEN 'primary_conninfo' THEN (s.setting ~ '(^|\\s)dbname\\s*=')::text ELSE s.setting "
      "END FROM pg_settings s WHERE s.name IN ('sync_replication_slots', 'hot_standby_feedback', "
      "'synchronized_standby_slots', 'primary_conninfo') AND s.setting <> ''");
  for (std::size_t row = 0; row < result.size(); ++row) {
    const auto& name = result.text(row, 0);
    const auto& value = result.text(row, 1);
    if (name == "sync_replication_slots") facts.sync_replication_slots = value == "on";
    if (name == "hot_standby_feedback") facts.hot_standby_feedback = value == "on";
    if (name == "primary_conninfo") facts.conninfo_names_database = value == "true";
  }
  const auto names = connection.query(
      "SELECT btrim(name, ' \"') FROM regexp_split_to_table(current_setting('synchronized_standby_slots'), ',') AS "
      "name "
      "WHERE btrim(name) <> ''");
  for (std::size_t row = 0; row < names.size(); ++row) {
    facts.synchronized_standby_slots.push_back(names.text(row, 0));
  }
  // The worker's session has this name, behind the standby's cluster_name where that is set.
  facts.standby_synchronizes =
      connection.query("SELECT EXISTS (SELECT 1 FROM pg_stat_activity WHERE application_name LIKE '%slotsync worker')")
          .boolean(0, 0);
  return facts;
}

}  // namespace

std::vector<SlotFacts> read_slots(Connection& connection, const std::optional<std::string>& name) {
  const int version = connection.server_version();
  const auto result = connection.query(
      "SELECT s.slot_name, coalesce(s.plugin, ''), s.slot_type, coalesce(s.database, ''), s.active, s.active_pid, "
      "coalesce(a.application_name, ''), s.temporary, " +
          std::string(version >= kVersion14 ? "s.two_phase" : "false") + ", " +
          (version >= kVersion13 ? "coalesce(s.wal_status, '')" : "'reserved'") +
          ", s.confirmed_flush_lsn, s.restart_lsn, "
          "coalesce(pg_wal_lsn_diff(w.lsn, s.restart_lsn), 0)::bigint, "
          "coalesce(pg_wal_lsn_diff(w.lsn, s.confirmed_flush_lsn), 0)::bigint, " +
          (version >= kVersion13 ? "s.safe_wal_size" : "NULL::bigint") + ", " +
          (version >= kVersion17 ? "coalesce(s.invalidation_reason, ''), s.failover" : "'', false") +
          ", s.xmin IS NOT NULL"
          " FROM pg_replication_slots s LEFT JOIN pg_stat_activity a ON a.pid = s.active_pid CROSS JOIN "
          "(SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END) w(lsn) "
          "WHERE $1::text IS NULL OR s.slot_name::text = $1 ORDER BY s.slot_name",
      {name});
  std::vector<SlotFacts> slots;
  for (std::size_t row = 0; row < result.size(); ++row) {
    SlotFacts slot{.name = result.text(row, 0),
                   .plugin = result.text(row, 1),
                   .type = result.text(row, 2),
                   .database = result.text(row, 3),
                   .active = result.boolean(row, 4)};
    if (const auto pid = optional_integer(result, row, 5)) slot.active_pid = static_cast<int>(*pid);
    slot.active_application = result.text(row, 6);
    slot.temporary = result.boolean(row, 7);
    slot.two_phase = result.boolean(row, 8);
    slot.wal_status = result.text(row, 9);
    slot.confirmed_flush = Lsn::parse(optional_text(result, row, 10));
    slot.restart = Lsn::parse(optional_text(result, row, 11));
    slot.retained_bytes = result.integer(row, 12);
    slot.lag_bytes = result.integer(row, 13);
    slot.safe_wal_bytes = optional_integer(result, row, 14);
    slot.invalidation_reason = result.text(row, 15);
    slot.failover = result.boolean(row, 16);
    slot.holds_xmin = result.boolean(row, 17);
    slots.push_back(std::move(slot));
  }
  return slots;
}

std::vector<PublicationFacts> read_publications(Connection& connection) {
  const int version = connection.server_version();
  const auto heads = connection.query(
      "SELECT pubname, pg_get_userbyid(pubowner), puballtables, pubinsert, pubupdate, pubdelete, pubtruncate, " +
      std::string(version >= kVersion13 ? "pubviaroot" : "false") + " FROM pg_publication ORDER BY pubname");
  std::vector<PublicationFacts> publications;
  for (std::size_t row = 0; row < heads.size(); ++row) {
    PublicationFacts facts{.name = heads.text(row, 0),
                           .owner = heads.text(row, 1),
                           .all_tables = heads.boolean(row, 2),
                           .inserts = heads.boolean(row, 3),
                           .updates = heads.boolean(row, 4),
                           .deletes = heads.boolean(row, 5),
                           .truncates = heads.boolean(row, 6),
                           .via_root = heads.boolean(row, 7)};
    const auto members = connection.query(
        "SELECT schemaname, tablename FROM pg_publication_tables WHERE pubname = $1 ORDER BY 1, 2", {facts.name});
    for (std::size_t i = 0; i < members.size(); ++i) facts.tables.push_back({members.text(i, 0), members.text(i, 1)});
    if (version >= kVersion15) {
      const auto filtered = connection.query(
          "SELECT n.nspname, c.relname FROM pg_publication_rel r JOIN pg_publication p ON p.oid = r.prpubid "
          "JOIN pg_class c ON c.oid = r.prrelid JOIN pg_namespace n ON n.oid = c.relnamespace "
          "WHERE p.pubname = $1 AND (r.prqual IS NOT NULL OR r.prattrs IS NOT NULL) ORDER BY 1, 2",
          {facts.name});
      for (std::size_t i = 0; i < filtered.size(); ++i) {
        facts.filtered_tables.push_back({filtered.text(i, 0), filtered.text(i, 1)});
      }
    }
    publications.push_back(std::move(facts));
  }
  return publications;
}

ServerFacts read_server_facts(Connection& connection) {
  ServerFacts facts;
  facts.version_num = connection.server_version();
  facts.version = setting(connection, "server_version");
  facts.encoding = setting(connection, "server_encoding");
  facts.wal_level = setting(connection, "wal_level");
  facts.in_recovery = connection.query("SELECT pg_is_in_recovery()").boolean(0, 0);
  if (connection.query("SELECT has_function_privilege('pg_control_system()', 'EXECUTE')").boolean(0, 0)) {
    facts.system_identifier = connection.query("SELECT system_identifier FROM pg_control_system()").text(0, 0);
  }
  facts.max_replication_slots = static_cast<int>(numeric_setting(connection, "max_replication_slots", 0));
  facts.max_wal_senders = static_cast<int>(numeric_setting(connection, "max_wal_senders", 0));
  facts.used_wal_senders = static_cast<int>(connection.query("SELECT count(*) FROM pg_stat_replication").integer(0, 0));
  facts.wal_sender_timeout_ms = numeric_setting(connection, "wal_sender_timeout", 0);
  facts.max_slot_wal_keep_bytes = numeric_setting(connection, "max_slot_wal_keep_size", -1);
  facts.logical_decoding_work_mem_bytes = numeric_setting(connection, "logical_decoding_work_mem", 0);
  facts.session_timeouts_ms = session_timeouts(connection);
  if (facts.version_num >= kVersion18) {
    facts.idle_slot_timeout_s = numeric_setting(connection, "idle_replication_slot_timeout", 0);
  }
  facts.cloud = detect_cloud(connection);
  read_user(connection, facts);
  facts.oldest_transaction_s =
      connection
          .query(
              "SELECT coalesce(max(extract(epoch FROM now() - xact_start)), 0)::bigint "
              "FROM pg_stat_activity WHERE backend_xid IS NOT NULL AND pid <> pg_backend_pid()")
          .integer(0, 0);
  facts.prepared_transactions =
      static_cast<int>(connection.query("SELECT count(*) FROM pg_prepared_xacts").integer(0, 0));
  if (facts.version_num >= kVersion17) facts.failover = read_failover(connection);
  facts.slots = read_slots(connection);
  facts.used_replication_slots = static_cast<int>(facts.slots.size());
  facts.publications = read_publications(connection);
  return facts;
}

std::vector<TableRights> read_table_rights(Connection& connection, const std::vector<schema::TableName>& tables) {
  std::vector<std::string> schemas;
  std::vector<std::string> names;
  for (const auto& table : tables) {
    schemas.push_back(table.schema);
    names.push_back(table.name);
  }
  const auto result = connection.query(
      "SELECT coalesce(has_table_privilege(c.oid, 'SELECT') AND has_schema_privilege(c.relnamespace, 'USAGE'), false), "
      "coalesce(pg_has_role(c.relowner, 'USAGE'), false) "
      "FROM unnest($1::text[], $2::text[]) WITH ORDINALITY wanted(schema, name, n) "
      "LEFT JOIN (pg_namespace n JOIN pg_class c ON c.relnamespace = n.oid) "
      "ON n.nspname = wanted.schema AND c.relname = wanted.name ORDER BY wanted.n",
      {array_text(schemas), array_text(names)});
  std::vector<TableRights> rights;
  for (std::size_t row = 0; row < result.size(); ++row) {
    rights.push_back({.table = tables.at(row), .select = result.boolean(row, 0), .owner = result.boolean(row, 1)});
  }
  return rights;
}

}  // namespace millrace::postgres
