#include "replication/stream_form.hpp"

#include <algorithm>

#include "schema/cell_encoder.hpp"

namespace millrace::replication {

bool binary_fits(const TableBinding& table, TableCatalog& catalog) {
  const auto& columns = table.columns();
  if (!std::all_of(columns.begin(), columns.end(),
                   [](const ColumnBinding& column) { return schema::binary_capable(column.mapping.source.type); })) {
    return false;
  }
  const auto& source = table.plan().source;
  for (const auto& live : catalog.columns(source.oid)) {
    // Columns that are left out are never looked into, those that are carried are known.
    const auto known = std::find_if(source.columns.begin(), source.columns.end(),
                                    [&](const schema::SourceColumn& each) { return each.attnum == live.attnum; });
    if (known != source.columns.end() && (known->type.oid == live.type || known->type.name.empty())) continue;
    const auto detail = catalog.describe(source.oid, live.attnum);
    if (detail && !schema::binary_capable(detail->column.type)) return false;
  }
  return true;
}

}  // namespace millrace::replication
