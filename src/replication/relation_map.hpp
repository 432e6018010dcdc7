#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
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

/// Tables that have other names on the source now.
struct Renamings {
  /// The former name, and how the table is carried from now on.
  std::vector<std::pair<schema::TableName, Table>> tables;
  std::vector<TargetStep> steps;
};

/// What a message of the source's DDL capture means.
struct DdlEffect {
  std::vector<std::pair<schema::TableName, Table>> renamed;  ///< as Renamings::tables; comes before `table`
  Table table;  ///< how a table is carried from now on, once its relation is told anew; none: as before
  std::vector<TargetStep> steps;
};

/// Tells whether the changes that follow are in the table's load already.
using BeforeLoad = std::function<bool(const TableBinding&)>;

/// Decides what follows when a Relation message does not fit the binding. Called by the reading thread.
class SchemaWatcher {
 public:
  virtual ~SchemaWatcher() = default;
  /// Nothing: the difference does not matter. Throws Error kSchemaChanged when the pipeline has to stop for it.
  virtual std::optional<Rebinding> relation_differs(const Table& table, const pgoutput::Relation& relation) = 0;
  /// The stream tells a carried table by another name than it is known by. Nothing: that is a name of the past, and the
  /// table is known by a later one already. Throws as relation_differs; this one always.
  virtual Renamings relation_renamed(const Table& table, const schema::TableName& now,
                                     const std::map<schema::TableName, Table>& tables);
  /// The stream tells another relation by the name that the table is known by. Throws as relation_differs; this one
  /// always.
  virtual Renamings name_taken(const Table& table, const std::map<schema::TableName, Table>& tables);
  /// A relation that is no table of the pipeline, and steps that tell of it. Throws as relation_differs.
  virtual std::vector<TargetStep> relation_unknown(const schema::TableName& /*source*/) { return {}; }
  /// A message of the source's DDL capture, in its place among the changes.
  virtual DdlEffect ddl(std::string_view /*content*/, const std::map<schema::TableName, Table>& /*tables*/,
                        const BeforeLoad& /*before_load*/) {
    return {};
  }
  /// A look at the source beside the stream, for what no message tells: tables that were rewritten. Between two
  /// transactions. Throws as relation_differs.
  virtual std::vector<Rebinding> look(const std::map<schema::TableName, Table>& /*tables*/) { return {}; }
};

/// A Relation message that owns its names.
class KeptRelation {
 public:
  explicit KeptRelation(const pgoutput::Relation& relation);
  const pgoutput::Relation& get() const { return relation_; }

 private:
  std::deque<std::string> names_;
  pgoutput::Relation relation_;
};

/// One relation of the stream: the table that it is, and where its columns go.
struct RelationEntry {
  Table table;                  ///< none: not a table of this pipeline
  std::vector<int> to_binding;  ///< relation column -> binding column, -1: not carried
  bool straight = false;        ///< same columns in the same order
  std::uint64_t segment = 0;    ///< cache of the builder: the segment that `changes` belongs to
  TableChanges* changes = nullptr;
  std::uint64_t batch = 0;  ///< likewise: the batch that `counts` belongs to
  ChangeCounts* counts = nullptr;
  /// Told before the table's load and not fitting what was loaded: what it means is asked when a change comes that the
  /// load does not hold. Usually none comes before the relation is told again.
  std::unique_ptr<KeptRelation> early;

  /// The stream's tuple in the binding's column order.
  void map(const pgoutput::Tuple& from, pgoutput::Tuple& to) const;
};

/// Relation ids of one connection. Not thread-safe.
class RelationMap {
 public:
  /// Adds or replaces the table's binding; its relation must be announced anew or is looked up by name.
  void bind(Table table);
  void unbind(const schema::TableName& source);
  /// Replaces the table's binding in the middle of the stream: PostgreSQL tells the relation anew before the next row.
  void rebind(Table table);
  /// Tables under other names, all at once. Their relations stay announced.
  void rename(const std::vector<std::pair<schema::TableName, Table>>& renamed);
  const std::map<schema::TableName, Table>& tables() const { return tables_; }

  /// Takes a Relation message in. Steps that must run before the next change are appended to `steps`.
  /// Throws what the watcher throws.
  void announce(const pgoutput::Relation& relation, SchemaWatcher& watcher, std::vector<TargetStep>& steps,
                const BeforeLoad& before_load);
  void announce(const pgoutput::Relation& relation, SchemaWatcher& watcher, std::vector<TargetStep>& steps);
  /// The entry of an announced relation. Throws Error kProtocol for an unknown id.
  RelationEntry& find(Oid relation);

 private:
  /// The table that the relation is, by its number and else by its name; none: not one of the pipeline.
  std::map<schema::TableName, Table>::iterator identify(const pgoutput::Relation& relation,
                                                        const schema::TableName& name, SchemaWatcher& watcher,
                                                        std::vector<TargetStep>& steps, const BeforeLoad& before_load);
  std::map<schema::TableName, Table>::iterator by_oid(Oid relation);

  std::map<schema::TableName, Table> tables_;
  std::unordered_map<std::uint32_t, RelationEntry> entries_;
};

/// True when every carried column is among the relation's and every other one of the relation is left out on purpose.
bool fits(const TableBinding& table, const pgoutput::Relation& relation);

}  // namespace millrace::replication
