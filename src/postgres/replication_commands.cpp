#include "postgres/replication_connection.hpp"
#include "schema/table_name.hpp"

namespace millrace::postgres {
namespace {

/// The replication grammar knows doubled quotes and nothing else: backslashes are plain, there is no E''.
std::string literal(const std::string& text) {
  std::string quoted = "'";
  for (const char letter : text) {
    quoted += letter;
    if (letter == '\'') quoted += letter;
  }
  return quoted + "'";
}

}  // namespace

int newest_protocol(int server_version) {
  if (server_version >= 160000) return 4;
  if (server_version >= 150000) return 3;
  return server_version >= 140000 ? 2 : 1;
}

std::string start_replication_sql(const StreamOptions& options, int server_version) {
  const int newest = newest_protocol(server_version);
  const int protocol = options.protocol == 0 ? newest : options.protocol;
  if (protocol < 1 || protocol > newest) {
    throw Error(ErrorCode::kUsage, "The source speaks pgoutput's protocols 1 to " + std::to_string(newest) + ", not " +
                                       std::to_string(protocol) + ".");
  }
  if (options.two_phase && protocol < 3) {
    throw Error(ErrorCode::kUsage, "Prepared transactions are sent from PostgreSQL 15 on, by protocol 3.");
  }
  const bool modern = server_version >= 140000;
  std::string sql = "START_REPLICATION SLOT " + schema::quote_pg(options.slot) + " LOGICAL " +
                    options.start.to_string() + " (proto_version '" + std::to_string(protocol) +
                    "', publication_names " + literal(schema::quote_pg(options.publication));
  if (options.binary && modern) sql += ", binary 'true'";
  if (options.streaming && protocol >= 2) sql += ", streaming 'on'";
  if (options.messages && modern) sql += ", messages 'true'";
  if (options.two_phase) sql += ", two_phase 'on'";
  if (options.skip_replicated && server_version >= 160000) sql += ", origin 'none'";
  return sql + ")";
}

std::string temporary_slot_sql(const std::string& name, int server_version) {
  const std::string head = "CREATE_REPLICATION_SLOT " + schema::quote_pg(name) + " TEMPORARY LOGICAL pgoutput ";
  return head + (server_version >= 150000 ? "(SNAPSHOT 'export')" : "EXPORT_SNAPSHOT");
}

}  // namespace millrace::postgres
