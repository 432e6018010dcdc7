#include "sqlserver/server_facts.hpp"

#include <charconv>
#include <utility>

#include "schema/table_name.hpp"

namespace millrace::sqlserver {
namespace {

constexpr const char* kServer = R"(SELECT CAST(SERVERPROPERTY('ProductVersion') AS nvarchar(128)),
  CAST(SERVERPROPERTY('Edition') AS nvarchar(128)),
  CAST(SERVERPROPERTY('EngineEdition') AS int),
  DB_NAME(),
  CAST(DATABASEPROPERTYEX(DB_NAME(), 'Collation') AS nvarchar(128)),
  CAST(DATABASEPROPERTYEX(DB_NAME(), 'Updateability') AS nvarchar(128)),
  SUSER_SNAME())";

constexpr const char* kDatabase = R"(SELECT d.compatibility_level, d.snapshot_isolation_state,
  CAST(d.is_read_committed_snapshot_on AS int), d.recovery_model_desc
FROM sys.databases AS d
WHERE d.name = DB_NAME())";

constexpr const char* kDatabaseRights = R"(SELECT HAS_PERMS_BY_NAME(DB_NAME(), 'DATABASE', 'CREATE SCHEMA'),
  HAS_PERMS_BY_NAME(DB_NAME(), 'DATABASE', 'CREATE TABLE'),
  HAS_PERMS_BY_NAME(DB_NAME(), 'DATABASE', 'SELECT'),
  HAS_PERMS_BY_NAME(DB_NAME(), 'DATABASE', 'INSERT'),
  HAS_PERMS_BY_NAME(DB_NAME(), 'DATABASE', 'UPDATE'),
  HAS_PERMS_BY_NAME(DB_NAME(), 'DATABASE', 'DELETE'))";

constexpr const char* kSchemaRights = R"(SELECT HAS_PERMS_BY_NAME(?, 'SCHEMA', 'ALTER'),
  HAS_PERMS_BY_NAME(?, 'SCHEMA', 'SELECT'),
  HAS_PERMS_BY_NAME(?, 'SCHEMA', 'INSERT'),
  HAS_PERMS_BY_NAME(?, 'SCHEMA', 'UPDATE'),
  HAS_PERMS_BY_NAME(?, 'SCHEMA', 'DELETE'))";

int number(const std::optional<std::string>& text) {
  int value = 0;
  if (text) std::from_chars(text->data(), text->data() + text->size(), value);
  return value;
}

bool all_granted(const Row& row, std::size_t from) {
  for (std::size_t i = from; i < row.size(); ++i) {
    if (number(row[i]) != 1) return false;
  }
  return true;
}

Row only_row(Session& session, const char* sql, const std::vector<std::optional<std::string>>& parameters = {}) {
  std::vector<Row> rows = session.query(sql, parameters);
  if (rows.empty()) throw QueryError(ErrorCode::kTargetQuery, "SQL Server told nothing about itself", 0);
  return std::move(rows.front());
}

void read_database(Session& session, ServerFacts& facts) {
  const Row server = only_row(session, kServer);
  facts.product_version = server.at(0).value_or("");
  facts.major_version = number(server.at(0));
  facts.edition = server.at(1).value_or("");
  facts.engine_edition = number(server.at(2));
  facts.database = server.at(3).value_or("");
  facts.database_collation = server.at(4).value_or("");
  facts.read_only = server.at(5) == "READ_ONLY";
  facts.login = server.at(6).value_or("");
  const Row database = only_row(session, kDatabase);
  facts.compatibility_level = number(database.at(0));
  facts.snapshot_isolation = number(database.at(1)) == 1;
  facts.read_committed_snapshot = number(database.at(2)) == 1;
  facts.recovery_model = database.at(3).value_or("");
}

void read_rights(Session& session, const std::string& schema, ServerFacts& facts) {
  const Row id = only_row(session, "SELECT SCHEMA_ID(?)", {schema});
  facts.schema_exists = id.at(0).has_value();
  const Row database = only_row(session, kDatabaseRights);
  facts.can_create_schema = number(database.at(0)) == 1;
  facts.can_create_table = number(database.at(1)) == 1;
  if (!facts.schema_exists) {
    // Whoever creates a schema owns it and everything in it.
    facts.can_alter_schema = facts.can_create_schema;
    facts.can_write = facts.can_create_schema || all_granted(database, 2);
    return;
  }
  const std::string name = schema::quote_mssql(schema);
  const Row rights = only_row(session, kSchemaRights, {name, name, name, name, name});
  facts.can_alter_schema = number(rights.at(0)) == 1;
  facts.can_write = all_granted(rights, 1);
}

}  // namespace

bool may_keep_state(Session& session) {
  ServerFacts facts;
  read_rights(session, "millrace", facts);
  return facts.can_create_table && facts.can_alter_schema && facts.can_write;
}

ServerFacts read_server_facts(Session& session, const std::string& schema) {
  ServerFacts facts;
  read_database(session, facts);
  read_rights(session, schema, facts);
  facts.connection_encrypted = session.encrypted();
  return facts;
}

}  // namespace millrace::sqlserver
