#include "postgres/publication.hpp"

#include <algorithm>

#include "postgres/server_facts.hpp"

namespace millrace::postgres {

std::optional<PublicationFacts> find_publication(Connection& connection, const std::string& name) {
  for (auto& facts : read_publications(connection)) {
    if (facts.name == name) return std::move(facts);
  }
  return std::nullopt;
}

std::string create_publication_sql(const PublicationSpec& spec) {
  std::string sql = "CREATE PUBLICATION " + schema::quote_pg(spec.name);
  if (spec.all_tables) {
    sql += " FOR ALL TABLES";
  } else {
    for (std::size_t i = 0; i < spec.tables.size(); ++i) {
      sql += (i == 0 ? " FOR TABLE " : ", ") + schema::quote_pg(spec.tables[i]);
    }
  }
  sql += std::string(" WITH (publish = 'insert, update, delete") + (spec.truncates ? ", truncate'" : "'");
  if (spec.via_root) sql += ", publish_via_partition_root = true";
  return sql + ")";
}

void create_publication(Connection& connection, const PublicationSpec& spec) {
  connection.execute(create_publication_sql(spec));
}

namespace {

/// Those of the tables that are members, or those that are not.
std::vector<schema::TableName> filtered(Connection& connection, const std::string& name,
                                        const std::vector<schema::TableName>& tables, bool members) {
  const auto known = find_publication(connection, name);
  std::vector<schema::TableName> chosen;
  for (const auto& table : tables) {
    const bool member = known && std::find(known->tables.begin(), known->tables.end(), table) != known->tables.end();
    if (member == members) chosen.push_back(table);
  }
  return chosen;
}

void alter_tables(Connection& connection, const std::string& name, const char* verb,
                  const std::vector<schema::TableName>& tables) {
  if (tables.empty()) return;
  std::string sql = "ALTER PUBLICATION " + schema::quote_pg(name) + verb;
  for (std::size_t i = 0; i < tables.size(); ++i) sql += (i == 0 ? "" : ", ") + schema::quote_pg(tables[i]);
  connection.execute(sql);
}

}  // namespace

void add_to_publication(Connection& connection, const std::string& name, const std::vector<schema::TableName>& tables) {
  alter_tables(connection, name, " ADD TABLE ", filtered(connection, name, tables, false));
}

void drop_from_publication(Connection& connection, const std::string& name,
                           const std::vector<schema::TableName>& tables) {
  alter_tables(connection, name, " DROP TABLE ", filtered(connection, name, tables, true));
}

void publish_via_root(Connection& connection, const std::string& name) {
  connection.execute("ALTER PUBLICATION " + schema::quote_pg(name) + " SET (publish_via_partition_root = true)");
}

bool drop_publication(Connection& connection, const std::string& name) {
  const bool there = !connection.query("SELECT 1 FROM pg_publication WHERE pubname = $1", {name}).empty();
  connection.execute("DROP PUBLICATION IF EXISTS " + schema::quote_pg(name));
  return there;
}

std::string replica_identity_sql(const schema::TableName& table, schema::ReplicaIdentity identity,
                                 const std::string& index) {
  const std::string head = "ALTER TABLE " + schema::quote_pg(table) + " REPLICA IDENTITY ";
  switch (identity) {
    case schema::ReplicaIdentity::kFull:
      return head + "FULL";
    case schema::ReplicaIdentity::kNothing:
      return head + "NOTHING";
    case schema::ReplicaIdentity::kIndex:
      return head + "USING INDEX " + schema::quote_pg(index);
    case schema::ReplicaIdentity::kDefault:
      return head + "DEFAULT";
  }
  return head + "DEFAULT";
}

}  // namespace millrace::postgres
