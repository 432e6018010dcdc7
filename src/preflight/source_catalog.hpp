#pragma once

#include <optional>
#include <string>
#include <vector>

#include "postgres/connection.hpp"
#include "preflight/finding.hpp"
#include "schema/type_mapping.hpp"

namespace millrace::preflight {

/// A table of the source as somebody sees it who chooses what to replicate.
struct CatalogTable {
  schema::TablePlan plan;  ///< by the catalog alone, without a look at rows
  Findings issues;         ///< errors: why it cannot be replicated as it is
};

struct CatalogQuery {
  std::string schema = {};               ///< empty: all
  std::vector<std::string> tables = {};  ///< as in a spec; empty: all
  std::string target_schema = "dbo";
};

/// What the source holds, sorted by name: a handful of queries, however many tables there are. `default_schema`: where
/// a name without a schema is looked for. Throws Error as Connection::query does, and kTableNotFound for a name that
/// nothing fits.
std::vector<CatalogTable> read_source_catalog(postgres::Connection& connection, const std::string& default_schema,
                                              const CatalogQuery& query);

}  // namespace millrace::preflight
