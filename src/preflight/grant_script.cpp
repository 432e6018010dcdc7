#include "preflight/grant_script.hpp"

#include <set>

namespace millrace::preflight {
namespace {

/// CREATE ROLE has no IF NOT EXISTS. A name with a dollar sign could end $$, so then the block is a plain constant.
std::string create_role(const std::string& name) {
  const auto body = "BEGIN\n  IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = " + schema::quote_pg_literal(name) +
                    ") THEN\n    CREATE ROLE " + schema::quote_pg(name) + ";\n  END IF;\nEND";
  const bool dollar = name.find('$') != std::string::npos;
  return "DO " + (dollar ? schema::quote_pg_literal(body) : "$$ " + body + " $$") + ";\n";
}

}  // namespace

std::string grant_script(const GrantInput& input) {
  const auto user = schema::quote_pg(input.user);
  std::string sql =
      "-- Run in the source database as a superuser, or as the administrator that a cloud gives you.\n"
      "-- Set the password with \\password in psql.\n";
  sql += create_role(input.user);
  if (input.cloud == "rds") {
    sql += "ALTER ROLE " + user + " WITH LOGIN;\nGRANT rds_replication TO " + user + ";\n";
  } else {
    sql += "ALTER ROLE " + user + " WITH LOGIN REPLICATION;\n";
  }
  sql += "GRANT CONNECT ON DATABASE " + schema::quote_pg(input.database) + " TO " + user + ";\n";
  std::set<std::string> schemas;
  for (const auto& table : input.publication.tables) schemas.insert(table.schema);
  for (const auto& name : schemas) sql += "GRANT USAGE ON SCHEMA " + schema::quote_pg(name) + " TO " + user + ";\n";
  for (const auto& table : input.publication.tables) {
    sql += "GRANT SELECT ON " + schema::quote_pg(table) + " TO " + user + ";\n";
  }
  if (input.publication.tables.empty() && !input.schema.empty()) {
    const auto schema = schema::quote_pg(input.schema);
    sql += "GRANT USAGE ON SCHEMA " + schema + " TO " + user + ";\nGRANT SELECT ON ALL TABLES IN SCHEMA " + schema +
           " TO " + user + ";\n";
  }
  for (const auto& table : input.identity_full) {
    sql += postgres::replica_identity_sql(table, schema::ReplicaIdentity::kFull) + ";\n";
  }
  if (input.publication.name.empty()) {
    return sql + "-- The plan of a pipeline shows the publication that belongs to it.\n";
  }
  sql += "-- With this the user need not own the tables:\n";
  return sql + postgres::create_publication_sql(input.publication) + ";\n";
}

std::string target_grant_script(const TargetEndpoint& endpoint) {
  const auto user = schema::quote_mssql(endpoint.user);
  const auto schema = schema::quote_mssql(endpoint.schema);
  const auto schema_text = schema::quote_mssql_literal(endpoint.schema);
  std::string sql =
      "-- Run in the target database as its owner. The login comes first, from an administrator: CREATE LOGIN.\n";
  sql += "IF DATABASE_PRINCIPAL_ID(" + schema::quote_mssql_literal(endpoint.user) + ") IS NULL CREATE USER " + user +
         " FOR LOGIN " + user + ";\n";
  sql += "IF SCHEMA_ID(" + schema_text + ") IS NULL EXEC (" + schema::quote_mssql_literal("CREATE SCHEMA " + schema) +
         ");\n";
  sql += "GRANT CREATE SCHEMA, CREATE TABLE TO " + user + ";\n";
  return sql + "GRANT ALTER, SELECT, INSERT, UPDATE, DELETE ON SCHEMA::" + schema + " TO " + user + ";\n";
}

}  // namespace millrace::preflight
