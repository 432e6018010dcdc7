#include "manager/target_schema.hpp"

#include "schema/table_name.hpp"
#include "sqlserver/create_schema.hpp"

namespace millrace::manager {

bool make_target_schema(sqlserver::Session& session, const TargetEndpoint& endpoint, const std::string& name,
                        Undo& undo) {
  const auto take_back = [&] {
    undo.add("schema " + schema::quote_mssql(name), [endpoint, name] {
      sqlserver::Session(endpoint).execute("IF SCHEMA_ID(" + schema::quote_mssql_literal(name) +
                                           ") IS NOT NULL DROP SCHEMA " + schema::quote_mssql(name));
    });
  };
  try {
    if (!sqlserver::create_schema(session, name)) return false;
  } catch (const Error& error) {
    // Without an answer it may have been made.
    if (error.code() == ErrorCode::kTargetUnreachable) take_back();
    throw;
  }
  take_back();
  return true;
}

}  // namespace millrace::manager
