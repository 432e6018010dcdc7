#pragma once

#include <memory>
#include <string>
#include <vector>

#include "replication/batch.hpp"
#include "replication/relation_map.hpp"
#include "replication/table_binding.hpp"
#include "schema/column_types.hpp"
#include "schema/keys.hpp"
#include "schema/type_mapping.hpp"

// Tables as the planner would make them, without a server.
namespace millrace::replication {

inline schema::SourceColumn column(int attnum, const std::string& name, const std::string& type, std::uint32_t oid,
                                   bool not_null = false, std::optional<int> length = {}) {
  return {.attnum = attnum,
          .name = name,
          .type = {.oid = {oid}, .schema = "pg_catalog", .name = type, .length = length, .declared = type},
          .not_null = not_null,
          .toastable = type == "text" || type == "bytea"};
}

inline schema::SourceTable source_table(const std::string& name, std::vector<schema::SourceColumn> columns,
                                        std::vector<std::string> primary_key) {
  schema::SourceTable table;
  table.oid = {16384};
  table.name = {"public", name};
  table.columns = std::move(columns);
  table.primary_key = std::move(primary_key);
  return table;
}

inline std::shared_ptr<TableBinding> bind(const schema::SourceTable& source, ApplyMode mode = ApplyMode::kNet,
                                          const schema::TableOptions& options = {}, int version = 1) {
  schema::MappingOptions mapping;
  mapping.tables[source.name] = options;
  auto plan = schema::plan_table(source, mapping);
  auto key = stream_key(plan);
  return std::make_shared<TableBinding>("P", TableShape{std::move(plan), std::move(key), version},
                                        schema::ValuePolicy::kFail, mode);
}

/// public.orders (id int primary key, note text, paid bool)
inline std::shared_ptr<TableBinding> orders(ApplyMode mode = ApplyMode::kNet) {
  return bind(
      source_table("orders",
                   {column(1, "id", "int4", 23, true), column(2, "note", "text", 25), column(3, "paid", "bool", 16)},
                   {"id"}),
      mode);
}

/// public.lines with a key of two columns, one a text, in another order than the columns.
inline std::shared_ptr<TableBinding> lines() {
  return bind(source_table("order]lines",
                           {column(1, "no", "int4", 23, true), column(2, "part", "varchar", 1043, true, 20),
                            column(4, "body", "text", 25), column(5, "size", "float8", 701)},
                           {"part", "no"}));
}

/// public.log without key: whole rows identify.
inline std::shared_ptr<TableBinding> log_table() {
  auto table =
      source_table("log",
                   {column(1, "at", "timestamptz", 1184), column(2, "line", "text", 25),
                    column(3, "load", "float8", 701), column(4, "rate", "float4", 700), column(5, "raw", "bytea", 17)},
                   {});
  table.replica_identity = schema::ReplicaIdentity::kFull;
  table.oid = {16385};
  return bind(table);
}

/// A Relation message as the table's binding expects it. Its views live as long as the binding.
inline pgoutput::Relation relation_of(const TableBinding& table, std::uint32_t id = 16384) {
  pgoutput::Relation relation;
  relation.id = {id};
  relation.schema = table.source().schema;
  relation.name = table.source().name;
  for (std::size_t i = 0; i < table.columns().size(); ++i) {
    const auto& source = table.columns()[i].mapping.source;
    relation.columns.push_back(
        {table.is_key(i), source.name, source.type.oid, source.type.length ? *source.type.length + 4 : -1});
  }
  return relation;
}

/// A watcher that answers what the test put in.
class FakeWatcher : public SchemaWatcher {
 public:
  std::optional<Rebinding> relation_differs(const Table& table, const pgoutput::Relation& relation) override {
    asked.push_back(table->source().to_string());
    if (fits(*table, relation)) return std::nullopt;
    return answer;
  }

  std::optional<Rebinding> answer;
  std::vector<std::string> asked;
};

}  // namespace millrace::replication
