#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "postgres/connection.hpp"
#include "schema/source_table.hpp"
#include "support/ids.hpp"

namespace millrace::postgres {

struct SlotFacts {
  std::string name;
  std::string plugin;
  std::string type;      ///< "logical" | "physical"
  std::string database;  ///< empty for physical slots
  bool active = false;
  std::optional<int> active_pid;
  std::string active_application;  ///< application_name of the reader, when visible
  bool temporary = false;
  bool two_phase = false;
  std::string wal_status;  ///< reserved | extended | unreserved | lost
  std::optional<Lsn> confirmed_flush;
  std::optional<Lsn> restart;
  std::int64_t retained_bytes = 0;             ///< current WAL position - restart_lsn
  std::int64_t lag_bytes = 0;                  ///< current WAL position - confirmed_flush_lsn
  std::optional<std::int64_t> safe_wal_bytes;  ///< safe_wal_size; none: unlimited
  std::string invalidation_reason;             ///< PostgreSQL 17 and later
  bool failover = false;                       ///< standbys take it over; PostgreSQL 17 and later
  bool holds_xmin = false;                     ///< physical: its standby sends feedback about the rows it needs
};

struct PublicationFacts {
  std::string name;
  std::string owner;
  bool all_tables = false;
  bool inserts = true;
  bool updates = true;
  bool deletes = true;
  bool truncates = true;
  bool via_root = false;
  std::vector<schema::TableName> tables;           ///< explicit members; all of them for FOR ALL TABLES
  std::vector<schema::TableName> filtered_tables;  ///< members with a row filter or a column list
};

/// What of failover slots can be seen from the server; all as at their defaults before PostgreSQL 17.
struct FailoverFacts {
  bool standby_synchronizes = false;                    ///< a standby's slot synchronization is connected
  std::vector<std::string> synchronized_standby_slots;  ///< physical slots that logical ones wait for
  bool sync_replication_slots = false;                  ///< this server's own, for when it is a standby
  bool hot_standby_feedback = false;                    ///< this server's own
  std::optional<bool> conninfo_names_database;          ///< none: primary_conninfo is empty or may not be read
};

/// What preflight judges of the source. Reading it changes nothing.
struct ServerFacts {
  int version_num = 0;
  std::string version;
  std::string system_identifier;  ///< empty when the right is missing
  bool in_recovery = false;
  std::string wal_level;
  std::string encoding;  ///< server_encoding
  int max_replication_slots = 0;
  int used_replication_slots = 0;
  int max_wal_senders = 0;
  int used_wal_senders = 0;
  std::int64_t wal_sender_timeout_ms = 0;     ///< 0: off
  std::int64_t max_slot_wal_keep_bytes = -1;  ///< -1: unlimited
  std::int64_t idle_slot_timeout_s = 0;       ///< PostgreSQL 18; 0: off
  std::int64_t logical_decoding_work_mem_bytes = 0;
  /// Settings that end a session of this user after a while (statement_timeout, ...), without those that are off.
  std::map<std::string, std::int64_t> session_timeouts_ms;
  bool user_superuser = false;
  bool user_replication = false;         ///< REPLICATION, or the cloud's role for it
  bool user_create_in_database = false;  ///< CREATE on the database: needed for CREATE PUBLICATION
  std::string current_user;
  std::string cloud;                      ///< "rds" | "cloudsql" | "azure" | "" by what the catalog shows
  std::int64_t oldest_transaction_s = 0;  ///< age of the oldest open transaction: delays slot creation
  int prepared_transactions = 0;
  FailoverFacts failover;
  std::vector<SlotFacts> slots;
  std::vector<PublicationFacts> publications;
};

ServerFacts read_server_facts(Connection& connection);
std::vector<SlotFacts> read_slots(Connection& connection, const std::optional<std::string>& name = std::nullopt);
std::vector<PublicationFacts> read_publications(Connection& connection);

/// Rights of the connected user on one table.
struct TableRights {
  schema::TableName table;
  bool select = false;
  bool owner = false;  ///< member of the owning role (needed to add the table to a publication)
};

std::vector<TableRights> read_table_rights(Connection& connection, const std::vector<schema::TableName>& tables);

}  // namespace millrace::postgres
