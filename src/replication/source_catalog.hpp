#pragma once

#include <memory>

#include "replication/table_catalog.hpp"
#include "support/endpoint.hpp"

namespace millrace::replication {

/// The catalog of a PostgreSQL server, by a connection of its own, which is opened when it is first asked and opened
/// anew when it was lost. Text values have the form that schema::session_settings() asks for.
std::unique_ptr<TableCatalog> source_catalog(const SourceEndpoint& endpoint);

}  // namespace millrace::replication
