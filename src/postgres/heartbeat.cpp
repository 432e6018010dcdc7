#include "postgres/heartbeat.hpp"

namespace millrace::postgres {

std::string heartbeat_sql(int server_version) {
  return server_version >= 170000 ? "SELECT pg_logical_emit_message(false, $1, $2::text, true)"
                                  : "SELECT pg_logical_emit_message(true, $1, $2::text)";
}

Lsn emit_heartbeat(Connection& connection, const std::string& prefix, const std::string& content) {
  const auto result = connection.query(heartbeat_sql(connection.server_version()), {prefix, content});
  const auto lsn = Lsn::parse(result.text(0, 0));
  if (!lsn) throw Error(ErrorCode::kInternal, "pg_logical_emit_message gave no WAL position.");
  return *lsn;
}

}  // namespace millrace::postgres
