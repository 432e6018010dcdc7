#pragma once

#include <string>
#include <vector>

#include "manager/replica_identity.hpp"
#include "schema/table_name.hpp"
#include "support/ids.hpp"

namespace millrace::manager {

/// One table's route, as it was planned when the pipeline was created.
struct TableRoute {
  schema::TableName source;
  schema::TableName target;
  std::string topic;
  std::vector<std::string> key;
  Oid oid = {};  ///< of the source table, by which it is known when it is renamed; 0: no run has seen it yet
};

/// What exists outside Millrace because of a pipeline: what delete has to remove. Stored as JSON.
struct Resources {
  bool slot = false;         ///< made by Millrace, not adopted
  bool publication = false;  ///< made by Millrace, not adopted
  bool connectors = false;
  bool loaded = false;  ///< Millrace has copied what the tables held; the engine must not do so again
  std::vector<schema::TableName> target_tables;  ///< made by Millrace
  std::vector<IdentityBefore> replica_identity;  ///< tables that Millrace set to FULL
  std::vector<TableRoute> routes;
  std::vector<schema::TableName> removed;  ///< taken out by somebody: they do not come in again as new tables
};

std::string to_json_text(const Resources& resources);
/// Throws Error kStore when the text is not one that to_json_text wrote.
Resources parse_resources(const std::string& text);

}  // namespace millrace::manager
