#include "postgres/publication.hpp"

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
