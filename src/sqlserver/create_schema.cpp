#include "sqlserver/create_schema.hpp"

#include "schema/target_ddl.hpp"

namespace millrace::sqlserver {

bool create_schema(Session& session, const std::string& name) {
  // sys.messages 2714 "There is already an object named '%.*ls' in the database", and 2759 "CREATE SCHEMA failed due to
  // previous errors": which of both a driver gives differs.
  constexpr int kAlreadyThere = 2714;
  constexpr int kSchemaFailed = 2759;
  try {
    session.execute(schema::create_schema_sql(name));
    return true;
  } catch (const QueryError& error) {
    if (error.number() == kAlreadyThere) return false;
    if (error.number() != kSchemaFailed) throw;
    const auto there = session.query("SELECT SCHEMA_ID(" + schema::quote_mssql_literal(name) + ")");
    if (!there.at(0).at(0)) throw;
    return false;
  }
}

}  // namespace millrace::sqlserver
