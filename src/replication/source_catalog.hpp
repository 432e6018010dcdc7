#pragma once

#include <memory>
#include <string>

#include "pipeline/server_sessions.hpp"
#include "replication/table_catalog.hpp"
#include "support/endpoint.hpp"

namespace millrace::replication {

/// The catalog of a PostgreSQL server. It asks on `sessions`, which then must outlive it, or by a connection of its
/// own, which is opened when it is first asked and opened anew when it was lost. Text values have the form that
/// schema::session_settings() asks for.
std::unique_ptr<TableCatalog> source_catalog(const SourceEndpoint& endpoint,
                                             pipeline::TenantSessions* sessions = nullptr);

/// What the triggers of a DDL capture (postgres/ddl_capture.hpp) tell, which are installed and fire.
struct CaptureFacts {
  bool changes = false;   ///< changes of tables
  bool rewrites = false;  ///< rewrites that may have computed values
};
CaptureFacts read_ddl_capture(const SourceEndpoint& endpoint, const std::string& capture);

}  // namespace millrace::replication
