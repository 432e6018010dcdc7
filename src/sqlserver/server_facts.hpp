#pragma once

#include <string>
#include <vector>

#include "sqlserver/session.hpp"

namespace millrace::sqlserver {

/// What preflight judges of the target. Reading it changes nothing.
struct ServerFacts {
  std::string product_version;  ///< "15.0.4123.1"
  int major_version = 0;        ///< 14 = 2017, 15 = 2019, 16 = 2022, 17 = 2025
  std::string edition;
  int engine_edition = 0;  ///< 5 = Azure SQL Database, 8 = Managed Instance
  std::string database;
  std::string database_collation;
  int compatibility_level = 0;
  bool read_only = false;  ///< DATABASEPROPERTYEX Updateability
  bool snapshot_isolation = false;
  bool read_committed_snapshot = false;
  std::string recovery_model;
  std::string login;
  bool schema_exists = false;  ///< the target schema
  bool can_create_schema = false;
  bool can_create_table = false;
  bool can_alter_schema = false;
  bool can_write = false;  ///< SELECT, INSERT, UPDATE and DELETE on the schema (or database, when it is not there yet)
  bool connection_encrypted = false;
};

ServerFacts read_server_facts(Session& session, const std::string& schema);

/// Whether the login may make schema millrace and its tables (sqlserver/state_tables.hpp), or write and change those
/// that are there.
bool may_keep_state(Session& session);

}  // namespace millrace::sqlserver
