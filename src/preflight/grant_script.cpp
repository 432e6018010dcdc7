#include "preflight/grant_script.hpp"

#include <set>

namespace millrace::preflight {

std::string grant_script(const GrantInput& input) {
  const auto user = schema::quote_pg(input.user);
  std::string sql = "-- Run as a superuser in database " + input.database +
                    ". Set the password with \\password in psql.\n"
                    "DO $$ BEGIN\n  IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = " +
                    schema::quote_pg_literal(input.user) + ") THEN\n    CREATE ROLE " + user +
                    " LOGIN;\n  END IF;\nEND $$;\nALTER ROLE " + user +
                    " WITH LOGIN REPLICATION;\nGRANT CONNECT ON DATABASE " + schema::quote_pg(input.database) + " TO " +
                    user + ";\n";
  std::set<std::string> schemas;
  for (const auto& table : input.publication.tables) schemas.insert(table.schema);
  for (const auto& name : schemas) sql += "GRANT USAGE ON SCHEMA " + schema::quote_pg(name) + " TO " + user + ";\n";
  for (const auto& table : input.publication.tables)
    sql += "GRANT SELECT ON " + schema::quote_pg(table) + " TO " + user + ";\n";
  sql +=
      "-- With this the user need not own the tables:\n" + postgres::create_publication_sql(input.publication) + ";\n";
  return sql;
}

}  // namespace millrace::preflight
