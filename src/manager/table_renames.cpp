#include "manager/table_renames.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "schema/table_selection.hpp"
#include "support/error.hpp"
#include "support/failpoint.hpp"

namespace millrace::manager {
namespace {

using replication::TableIdentity;
using schema::TableName;

class Renaming {
 public:
  Renaming(const pipeline::PipelineSpec& spec, const Resources& resources) : result_{spec, resources, {}} {}

  RenamedPipeline run(const std::vector<TableIdentity>& tables) {
    pair_up(tables);
    if (!names_.empty()) {
      rename_words();
      rename_mapping();
      for (auto& name : result_.resources.target_tables) follow(targets_, name);
      for (auto& before : result_.resources.replica_identity) follow(names_, before.table);
      for (const auto& [from, to] : names_) std::erase(result_.resources.removed, to);
      for (const auto& [from, to] : names_) {
        const auto has = [&](const TableRoute& route) { return route.source == from; };
        const auto& routes = result_.resources.routes;
        if (std::none_of(routes.begin(), routes.end(), has)) result_.former.push_back(from);
      }
    }
    result_.renamed = !names_.empty();
    return std::move(result_);
  }

 private:
  static void follow(const std::map<TableName, TableName>& names, TableName& name) {
    if (const auto found = names.find(name); found != names.end()) name = found->second;
  }

  void pair_up(const std::vector<TableIdentity>& tables) {
    auto& routes = result_.resources.routes;
    std::vector<const TableIdentity*> paired(routes.size(), nullptr);
    std::vector<const TableIdentity*> rest;
    for (const auto& table : tables) {
      const auto found = std::find_if(routes.begin(), routes.end(), [&](const TableRoute& route) {
        return route.oid.value != 0 && route.oid == table.oid;
      });
      if (found == routes.end()) {
        rest.push_back(&table);
      } else {
        paired[static_cast<std::size_t>(found - routes.begin())] = &table;
      }
    }
    for (std::size_t i = 0; i < routes.size(); ++i) {
      const auto* table = paired[i];
      if (table == nullptr) {
        const auto found = std::find_if(rest.begin(), rest.end(),
                                        [&](const TableIdentity* each) { return each->source == routes[i].source; });
        if (found == rest.end()) continue;
        table = *found;
        result_.numbered = result_.numbered || table->oid != routes[i].oid;
        routes[i].oid = table->oid;
      }
      if (table->source == routes[i].source) continue;
      names_[routes[i].source] = table->source;
      if (table->target != routes[i].target) targets_[routes[i].target] = table->target;
      routes[i].source = table->source;
      routes[i].target = table->target;
    }
  }

  /// A word for the table alone gets its new name; a pattern stays, and where it does not mean the table any more, the
  /// name stands beside it.
  void rename_words() {
    auto& words = result_.spec.tables;
    const auto& default_schema = result_.spec.source.schema;
    const auto before = words;
    for (std::size_t i = 0; i < words.size(); ++i) {
      if (schema::is_pattern(before[i])) continue;
      for (const auto& [from, to] : names_) {
        if (schema::selects(before[i], default_schema, from)) words[i] = schema::quote_pg(to);
      }
    }
    for (const auto& [from, to] : names_) {
      const auto meant = [&](const std::string& word) { return schema::selects(word, default_schema, to); };
      if (std::none_of(words.begin(), words.end(), meant)) words.push_back(schema::quote_pg(to));
    }
  }

  /// A plan of the table from now on (a reload) must find the target table that it has.
  void rename_mapping() {
    auto& mapping = result_.spec.mapping.tables;
    std::map<TableName, schema::TableOptions> moved;
    for (const auto& [from, to] : names_) {
      if (auto node = mapping.extract(from); !node.empty()) moved[to] = std::move(node.mapped());
    }
    for (const auto& route : result_.resources.routes) {
      const auto is_new = [&](const auto& rename) { return rename.second == route.source; };
      if (std::none_of(names_.begin(), names_.end(), is_new)) continue;
      const TableName derived{result_.spec.target.schema, route.source.name};
      if (route.target != derived) moved[route.source].rename = route.target;
    }
    for (auto& [name, options] : moved) mapping[name] = std::move(options);
  }

  RenamedPipeline result_;
  std::map<TableName, TableName> names_;    ///< of sources: before, now
  std::map<TableName, TableName> targets_;  ///< of targets
};

}  // namespace

RenamedPipeline renamed_pipeline(const pipeline::PipelineSpec& spec, const Resources& resources,
                                 const std::vector<TableIdentity>& tables) {
  return Renaming(spec, resources).run(tables);
}

namespace {

/// Of routes that are there still.
void take_numbers(Resources& resources, const Resources& numbered) {
  for (auto& route : resources.routes) {
    for (const auto& known : numbered.routes) {
      if (known.source == route.source && known.target == route.target) route.oid = known.oid;
    }
  }
}

}  // namespace

bool follow_renames(Registry& registry, const std::string& name) {
  constexpr int kTries = 5;
  for (int attempt = 1;; ++attempt) {
    // As it is stored at this moment: somebody may have changed it while it ran.
    const auto stored = registry.load(name);
    const auto now =
        renamed_pipeline(stored.spec, stored.resources, replication::read_table_identities(stored.spec.target, name));
    if (!now.renamed) {
      if (now.numbered) registry.note(name, [&](Resources& resources) { take_numbers(resources, now.resources); });
      return false;
    }
    hit(Failpoint::kRenameStored);
    replication::drop_stages_of_former(stored.spec.target, name, now.former);
    try {
      registry.save_spec(name, now.spec, stored.revision, now.resources);
      return true;
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kObjectChanged || attempt == kTries) throw;
    }
  }
}

}  // namespace millrace::manager
