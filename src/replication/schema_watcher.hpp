#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/schema_policies.hpp"
#include "replication/relation_map.hpp"
#include "replication/table_catalog.hpp"
#include "schema/type_mapping.hpp"

namespace millrace::replication {

using pipeline::SchemaPolicies;
using pipeline::SchemaPolicy;

struct WatcherSettings {
  std::string pipeline;
  std::string publication;     ///< only messages of this one's DDL capture count; empty: of any
  bool captured = false;       ///< the source's DDL capture is installed: it tells what the catalog alone cannot
  bool rewrites_told = false;  ///< the capture tells of rewrites too; else the tables' files are looked at
  SchemaPolicies policies;
  schema::ValuePolicy values = schema::ValuePolicy::kFail;
  bool binary = false;        ///< the stream sends values in binary form: a new column must be understood in it
  std::string target_schema;  ///< where tables are whose target's name nobody chose
  std::set<schema::TableName> own_names;  ///< sources whose target's name somebody chose: it stays
  /// The tables are still loaded: one that is renamed meanwhile is refused.
  bool loading = false;
  /// Told of renamed tables (before and now, all at once) when they are seen, and when their renames are on the target
  /// (by the applying thread).
  std::function<void(const std::vector<std::pair<schema::TableName, schema::TableName>>&)> tables_renamed = {};
  std::function<void()> renames_applied = {};
  /// Whether a table that is not carried is one that came and is meant; and told of one that is to be carried.
  std::function<bool(const schema::TableName& source)> wants_table = {};
  std::function<void(const schema::TableName& source)> table_came = {};
  /// Tables that came, are meant and are left alone by the policy, and that were told of: each is once.
  std::shared_ptr<std::set<std::string>> tables_left = std::make_shared<std::set<std::string>>();
  /// Whether a table can be loaded anew by whoever runs the pipeline, and told of one that has to be, and why: what
  /// happened to its rows is in no stream. None: such a change stops the pipeline.
  std::function<void(const schema::TableName& source, const std::string& why)> load_anew = {};
  /// Told of a table that was rewritten and may have other values, which the pipeline goes on without.
  std::function<void(const schema::TableName& source, const std::string& message)> rewritten = {};
  /// Told of partitions whose rows went with them, and are still in the copy.
  std::function<void(const schema::TableName& source, const std::string& message)> partitions_changed = {};
};

/// What is told of a table that came and that the policy leaves alone.
inline constexpr const char* kTableLeftAlone = "table made on the source; the policy of new_table leaves it alone";

/// Follows schema changes while the stream runs: compares each Relation message with the table's binding, asks the
/// source's last DDL message or else its catalog what happened, and gives steps for the target, the new binding with
/// its new stage, and the new shape for the table's state, all in the order of the data. What cannot be followed
/// throws Error kSchemaChanged naming table, column and the way out; what a load of the table follows, kRowsUntold
/// behind telling load_anew. Used by the reading thread.
std::unique_ptr<SchemaWatcher> make_schema_watcher(WatcherSettings settings, std::unique_ptr<TableCatalog> catalog);

}  // namespace millrace::replication
