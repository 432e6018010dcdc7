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
  for (const auto& table : input.identity_full) {
    sql += postgres::replica_identity_sql(table, schema::ReplicaIdentity::kFull) + ";\n";
  }
  sql += "-- With this the user need not own the tables:\n";
  return sql + postgres::create_publication_sql(input.publication) + ";\n";
}

}  // namespace millrace::preflight
