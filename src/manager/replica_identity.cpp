#include "manager/replica_identity.hpp"

#include "postgres/connection.hpp"
#include "postgres/publication.hpp"

namespace millrace::manager {

void restore_replica_identity(const SourceEndpoint& source, const IdentityBefore& before) {
  constexpr const char* kUndefinedTable = "42P01";
  constexpr const char* kUndefinedSchema = "3F000";
  postgres::Connection connection(source);
  try {
    connection.execute(postgres::replica_identity_sql(before.table, before.identity, before.index));
  } catch (const postgres::QueryError& error) {
    if (error.sqlstate() != kUndefinedTable && error.sqlstate() != kUndefinedSchema) throw;
  }
}

}  // namespace millrace::manager
