#include "preflight/source_catalog.hpp"

#include <map>

#include "postgres/catalog.hpp"
#include "preflight/table_checks.hpp"
#include "preflight/target_checks.hpp"
#include "schema/table_selection.hpp"

namespace millrace::preflight {
namespace {

std::vector<schema::TableName> chosen_names(postgres::Connection& connection, const std::string& default_schema,
                                            const CatalogQuery& query) {
  auto names = postgres::list_tables(connection);
  if (!query.schema.empty()) {
    std::erase_if(names, [&](const schema::TableName& name) { return name.schema != query.schema; });
  }
  return query.tables.empty() ? names : schema::select_tables(query.tables, default_schema, names);
}

bool good_news(const Finding& finding) {
  return finding.severity == Severity::kOk || finding.severity == Severity::kInfo;
}

}  // namespace

std::vector<CatalogTable> read_source_catalog(postgres::Connection& connection, const std::string& default_schema,
                                              const CatalogQuery& query) {
  const auto names = chosen_names(connection, default_schema, query);
  std::map<schema::TableName, postgres::TableRights> rights;
  for (auto& right : postgres::read_table_rights(connection, names)) rights[right.table] = right;
  SourceCheckInput input{.server = postgres::read_server_facts(connection)};
  schema::MappingOptions options;
  options.target_schema = query.target_schema;
  std::vector<CatalogTable> tables;
  for (auto& table : postgres::read_tables_there(connection, names)) {
    CatalogTable entry{.plan = schema::plan_table(table, options)};
    input.plans = {entry.plan};
    input.rights = {rights[table.name]};
    entry.issues = mapping_findings(input.plans);
    for (auto& finding : check_source_tables(input)) {
      if (good_news(finding)) continue;
      // A publication that somebody else made may carry it; whether one does shows when a pipeline is planned.
      if (finding.id == "table.owner") finding.severity = Severity::kWarning;
      entry.issues.push_back(std::move(finding));
    }
    tables.push_back(std::move(entry));
  }
  return tables;
}

}  // namespace millrace::preflight
