#include "replication/relation_map.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "support/error.hpp"

namespace millrace::replication {

using pgoutput::Relation;

void RelationEntry::map(const pgoutput::Tuple& from, pgoutput::Tuple& to) const {
  if (straight) {
    to = from;
    return;
  }
  to.assign(table->columns().size(), {});
  for (std::size_t i = 0; i < from.size() && i < to_binding.size(); ++i) {
    if (to_binding[i] >= 0) to[static_cast<std::size_t>(to_binding[i])] = from[i];
  }
}

bool fits(const TableBinding& table, const Relation& relation) {
  for (const auto& column : table.columns()) {
    const bool there = std::any_of(relation.columns.begin(), relation.columns.end(),
                                   [&](const auto& candidate) { return candidate.name == column.mapping.source.name; });
    if (!there) return false;
  }
  const auto& left_out = table.plan().left_out;
  return std::all_of(relation.columns.begin(), relation.columns.end(), [&](const auto& candidate) {
    const bool carried = std::any_of(table.columns().begin(), table.columns().end(),
                                     [&](const auto& column) { return column.mapping.source.name == candidate.name; });
    return carried || std::find(left_out.begin(), left_out.end(), candidate.name) != left_out.end();
  });
}

void RelationMap::bind(Table table) {
  for (auto& [id, entry] : entries_) {
    if (entry.table && entry.table->source() == table->source()) entry.table = table;
  }
  tables_[table->source()] = std::move(table);
}

void RelationMap::unbind(const schema::TableName& source) {
  tables_.erase(source);
  for (auto& [id, entry] : entries_) {
    if (entry.table && entry.table->source() == source) entry.table = nullptr;
  }
}

void RelationMap::rebind(Table table) {
  std::erase_if(entries_, [&](const auto& entry) {
    return entry.second.table && entry.second.table->source() == table->source();
  });
  tables_[table->source()] = std::move(table);
}

KeptRelation::KeptRelation(const Relation& relation) : relation_(relation) {
  const auto keep = [&](std::string_view& name) { name = names_.emplace_back(name); };
  keep(relation_.schema);
  keep(relation_.name);
  for (auto& column : relation_.columns) keep(column.name);
}

void RelationMap::announce(const Relation& relation, SchemaWatcher& watcher, std::vector<TargetStep>& steps) {
  announce(relation, watcher, steps, [](const TableBinding&) { return false; });
}

void RelationMap::announce(const Relation& relation, SchemaWatcher& watcher, std::vector<TargetStep>& steps,
                           const BeforeLoad& before_load) {
  const schema::TableName name{relation.schema.empty() ? "pg_catalog" : std::string(relation.schema),
                               std::string(relation.name)};
  RelationEntry& entry = entries_[relation.id.value];
  entry = {};
  const auto found = identify(relation, name, watcher, steps, before_load);
  if (found == tables_.end()) {
    auto told = watcher.relation_unknown(name);
    std::move(told.begin(), told.end(), std::back_inserter(steps));
    return;
  }
  if (before_load(*found->second)) {
    const auto& shape = found->second->plan().source;
    if (!fits(*found->second, relation) || (shape.oid.value != 0 && shape.oid != relation.id)) {
      entry.table = found->second;
      entry.early = std::make_unique<KeptRelation>(relation);
      return;
    }
  } else if (auto change = watcher.relation_differs(found->second, relation)) {
    // At least one step, so that changes of the new shape do not fold into rows of the old one.
    if (change->steps.empty()) steps.emplace_back();
    std::move(change->steps.begin(), change->steps.end(), std::back_inserter(steps));
    if (!change->table) {
      tables_.erase(found);
      return;
    }
    found->second = change->table;
  }
  entry.table = found->second;
  const auto& columns = entry.table->columns();
  entry.straight = columns.size() == relation.columns.size();
  for (std::size_t i = 0; i < relation.columns.size(); ++i) {
    const auto at = std::find_if(columns.begin(), columns.end(), [&](const auto& column) {
      return column.mapping.source.name == relation.columns[i].name;
    });
    entry.to_binding.push_back(at == columns.end() ? -1 : static_cast<int>(at - columns.begin()));
    entry.straight = entry.straight && entry.to_binding.back() == static_cast<int>(i);
  }
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (std::find(entry.to_binding.begin(), entry.to_binding.end(), static_cast<int>(i)) == entry.to_binding.end()) {
      throw Error(ErrorCode::kSchemaChanged, "A column that is copied is gone from the source table.",
                  {.table = name.to_string(), .column = columns[i].mapping.source.name});
    }
  }
}

std::map<schema::TableName, Table>::iterator RelationMap::by_oid(Oid relation) {
  return std::find_if(tables_.begin(), tables_.end(), [&](const auto& each) {
    const auto oid = each.second->plan().source.oid;
    return oid.value != 0 && oid == relation;
  });
}

std::map<schema::TableName, Table>::iterator RelationMap::identify(const Relation& relation,
                                                                   const schema::TableName& name,
                                                                   SchemaWatcher& watcher,
                                                                   std::vector<TargetStep>& steps,
                                                                   const BeforeLoad& before_load) {
  const auto take = [&](Renamings renamings) {
    rename(renamings.tables);
    std::move(renamings.steps.begin(), renamings.steps.end(), std::back_inserter(steps));
  };
  const auto known = by_oid(relation.id);
  if (known != tables_.end()) {
    // What a load holds it knows by the name of its moment, which came later.
    if (known->first == name || before_load(*known->second)) return known;
    take(watcher.relation_renamed(known->second, name, tables_));
    return by_oid(relation.id);
  }
  const auto named = tables_.find(name);
  if (named == tables_.end() || named->second->plan().source.oid.value == 0 || before_load(*named->second))
    return named;
  take(watcher.name_taken(named->second, tables_));
  return tables_.end();
}

void RelationMap::rename(const std::vector<std::pair<schema::TableName, Table>>& renamed) {
  std::map<Table, Table> now;
  for (const auto& [before, table] : renamed) {
    const auto node = tables_.extract(before);
    if (!node.empty()) now[node.mapped()] = table;
  }
  for (const auto& [before, table] : renamed) tables_[table->source()] = table;
  for (auto& [id, entry] : entries_) {
    const auto found = now.find(entry.table);
    if (found == now.end()) continue;
    entry.table = found->second;
    // Rows and numbers from here on are those of the new binding.
    entry.changes = nullptr;
    entry.batch = 0;
  }
}

Renamings SchemaWatcher::relation_renamed(const Table& table, const schema::TableName& now,
                                          const std::map<schema::TableName, Table>& /*tables*/) {
  throw Error(ErrorCode::kSchemaChanged, "The source table is named " + now.to_string() + " now.",
              {.table = table->source().to_string()});
}

Renamings SchemaWatcher::name_taken(const Table& table, const std::map<schema::TableName, Table>& /*tables*/) {
  throw Error(ErrorCode::kSchemaChanged, "Another source table has this name now.",
              {.table = table->source().to_string()});
}

RelationEntry& RelationMap::find(Oid relation) {
  const auto found = entries_.find(relation.value);
  if (found == entries_.end()) {
    throw Error(ErrorCode::kProtocol, fmt::format("The stream names relation {} before it was told.", relation.value));
  }
  return found->second;
}

}  // namespace millrace::replication
