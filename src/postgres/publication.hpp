#pragma once

#include <optional>
#include <string>
#include <vector>

#include "postgres/connection.hpp"
#include "postgres/server_facts.hpp"

namespace millrace::postgres {

struct PublicationSpec {
  std::string name;
  bool all_tables = false;
  std::vector<schema::TableName> tables;  ///< ignored for all_tables
  bool truncates = false;
  bool via_root = false;
};

std::optional<PublicationFacts> find_publication(Connection& connection, const std::string& name);
/// The statement; also shown in the plan and in GRANT scripts.
std::string create_publication_sql(const PublicationSpec& spec);
void create_publication(Connection& connection, const PublicationSpec& spec);
/// ALTER PUBLICATION .. ADD TABLE. A table that is a member already is no fault. Throws Error kSourcePermission.
void add_to_publication(Connection& connection, const std::string& name, const std::vector<schema::TableName>& tables);
/// ALTER PUBLICATION .. DROP TABLE, for those that are members.
void drop_from_publication(Connection& connection, const std::string& name,
                           const std::vector<schema::TableName>& tables);
/// Partitioned tables are published under their own names from now on.
void publish_via_root(Connection& connection, const std::string& name);
/// True: it was there. Gone when this returns.
bool drop_publication(Connection& connection, const std::string& name);

/// ALTER TABLE .. REPLICA IDENTITY FULL | DEFAULT.
std::string replica_identity_sql(const schema::TableName& table, schema::ReplicaIdentity identity,
                                 const std::string& index = {});

}  // namespace millrace::postgres
