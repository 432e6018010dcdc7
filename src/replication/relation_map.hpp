#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

#include "pgoutput/messages.hpp"
#include "replication/batch.hpp"
#include "replication/table_binding.hpp"

namespace millrace::replication {

/// What a changed shape of a source table means for the target.
struct Rebinding {
  Table table;  ///< how the table is carried from now on; none: no more
  std::vector<TargetStep> steps;
};

/// Decides what follows when a Relation message does not fit the binding. Called by the reading thread.
class SchemaWatcher {
 public:
  virtual ~SchemaWatcher() = default;
  /// Nothing: the difference does not matter. Throws Error kSchemaChanged when the pipeline has to stop for it.
  virtual std::optional<Rebinding> relation_differs(const Table& table, const pgoutput::Relation& relation) = 0;
};

/// One relation of the stream: the table that it is, and where its columns go.
struct RelationEntry {
  Table table;                  ///< none: not a table of this pipeline
  std::vector<int> to_binding;  ///< relation column -> binding column, -1: not carried
  bool straight = false;        ///< same columns in the same order
  std::uint64_t segment = 0;    ///< cache of the builder: the segment that `changes` belongs to
  TableChanges* changes = nullptr;

  /// The stream's tuple in the binding's column order.
  void map(const pgoutput::Tuple& from, pgoutput::Tuple& to) const;
};

/// Relation ids of one connection. Not thread-safe.
class RelationMap {
 public:
  /// Adds or replaces the table's binding; its relation must be announced anew or is looked up by name.
  void bind(Table table);
  void unbind(const schema::TableName& source);
  const std::map<schema::TableName, Table>& tables() const { return tables_; }

  /// Takes a Relation message in. Steps that must run before the next change are appended to `steps`.
  /// Throws what the watcher throws.
  void announce(const pgoutput::Relation& relation, SchemaWatcher& watcher, std::vector<TargetStep>& steps);
  /// The entry of an announced relation. Throws Error kProtocol for an unknown id.
  RelationEntry& find(Oid relation);

 private:
  std::map<schema::TableName, Table> tables_;
  std::unordered_map<std::uint32_t, RelationEntry> entries_;
};

/// True when every carried column is among the relation's and every other one of the relation is left out on purpose.
bool fits(const TableBinding& table, const pgoutput::Relation& relation);

}  // namespace millrace::replication
