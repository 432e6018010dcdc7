#pragma once

#include "replication/table_binding.hpp"
#include "replication/table_catalog.hpp"

namespace millrace::replication {

/// True when the stream may send this table's values in binary form: each carried column's is understood, and that of
/// each column that the source has got or changed since, which the stream is still to tell. Asks the catalog.
bool binary_fits(const TableBinding& table, TableCatalog& catalog);

}  // namespace millrace::replication
