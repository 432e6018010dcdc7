#include "replication/schema_watcher.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "replication/ddl_message.hpp"
#include "replication/schema_diff.hpp"
#include "replication/schema_steps.hpp"
#include "replication/stage_rows.hpp"
#include "replication/table_rename.hpp"
#include "schema/cell_encoder.hpp"
#include "support/error.hpp"

namespace millrace::replication {
namespace {

using pgoutput::Relation;
using schema::quote_mssql;
using Tables = std::map<schema::TableName, Table>;

/// The shape goes into the table's state in the same transaction: after a crash the engine knows which of both the
/// target has. The transaction holds the fence.
TargetStep save_shape(const std::string& pipeline, const TableShape& shape) {
  const auto& source = shape.plan.source.name;
  return {.sql =
              "UPDATE [millrace].[table_state] SET shape = ?, updated_at = SYSUTCDATETIME() WHERE pipeline = ? AND "
              "source_schema = ? AND source_table = ?;",
          .values = {to_json_text(shape), pipeline, source.schema, source.name}};
}

class Watcher : public SchemaWatcher {
 public:
  Watcher(WatcherSettings settings, std::unique_ptr<TableCatalog> catalog)
      : settings_(std::move(settings)), catalog_(std::move(catalog)) {}

  std::optional<Rebinding> relation_differs(const Table& table, const Relation& relation) override {
    const TableShape& shape = table->shape();
    const auto oid = shape.plan.source.oid;
    if (oid.value != 0 && oid != relation.id) {
      const auto& policies = settings_.policies;
      untold(shape, "", "The source table was dropped and another one of its name was made.",
             policies.drop_table == SchemaPolicy::kApply ? policies.new_table : policies.drop_table);
    }
    if (!settings_.rewrites_told) look_at_files(*table);
    const auto* told = told_columns(shape, relation);
    return follow(table, relation, told == nullptr ? catalog_->columns(relation.id) : *told,
                  told != nullptr || !settings_.captured, {});
  }

  Renamings relation_renamed(const Table& table, const schema::TableName& now, const Tables& tables) override {
    // By the catalog's names of now: the stream tells none of a table that no row comes for, and two tables may have
    // exchanged theirs. They may be ahead of the stream, which is no harm: rows find their table by its number.
    return rename(known_names(tables, {{table, now}}), tables);
  }

  Renamings name_taken(const Table& table, const Tables& tables) override {
    const auto names = catalog_->names({table->plan().source.oid});
    if (names.empty()) {
      refuse_change(table->shape(), "", "The source table was dropped and another one of its name was made.");
    }
    return rename(known_names(tables, {}), tables);
  }

  std::vector<TargetStep> relation_unknown(const schema::TableName& source) override {
    if (!settings_.wants_table || !settings_.wants_table(source)) return {};
    if (settings_.policies.new_table == SchemaPolicy::kIgnore) {
      if (!settings_.tables_left->insert(source.to_string()).second) return {};
      return {{.news = StepNews{StepNews::Kind::kIgnored, source, kTableLeftAlone}}};
    }
    if (settings_.policies.new_table == SchemaPolicy::kPause) {
      Error error(ErrorCode::kSchemaChanged, "A table came that is one of the pipeline's by its list of tables.",
                  {.table = source.to_string()});
      throw error.suggest(
          "The schema policy of new_table is pause: add it with `millrace add-tables`, or let the pipeline go on with "
          "policy apply or ignore.");
    }
    settings_.table_came(source);
    return {};
  }

  DdlEffect ddl(std::string_view content, const std::map<schema::TableName, Table>& tables,
                const BeforeLoad& before_load) override {
    DdlEffect effect;
    auto message = parse_ddl_message(content);
    if (!message || (!settings_.publication.empty() && message->publication != settings_.publication)) return {};
    settings_.captured = true;
    const auto carried = std::find_if(tables.begin(), tables.end(), [&](const auto& table) {
      const auto oid = table.second->plan().source.oid;
      return oid.value == 0 ? table.first == message->table : oid == message->oid;
    });
    if (message->dropped) {
      told_.erase(message->oid.value);
      if (carried == tables.end()) settings_.tables_left->erase(message->table.to_string());
      if (carried == tables.end() || before_load(*carried->second)) return {};
      if (settings_.policies.drop_table == SchemaPolicy::kPause) {
        refuse_change(
            carried->second->shape(), "", "The source table was dropped.",
            "The schema policy of drop_table is pause: take it out with `millrace remove-tables` (the copy stays "
            "unless --drop-tables is given), or let the pipeline go on with policy apply or ignore.");
      }
      const bool ignored = settings_.policies.drop_table == SchemaPolicy::kIgnore;
      effect.steps.push_back({.news = StepNews{ignored ? StepNews::Kind::kIgnored : StepNews::Kind::kApplied,
                                               carried->first, "table dropped; its copy stays as it is"}});
      return effect;
    }
    const bool rows_alone = message->computed || message->attached;
    if (carried == tables.end() && !rows_alone) {
      effect.steps = relation_unknown(message->table);
      remember(std::move(*message));
      return effect;
    }
    const bool streams = carried != tables.end() && !before_load(*carried->second);
    if (rows_alone) {
      if (!streams) return {};
      if (message->attached) untold(carried->second->shape(), "", kAttached, settings_.policies.new_table);
      untold(carried->second->shape(), "", kComputed, settings_.policies.change_type);
    }
    const auto oid = message->oid;
    auto table = carried == tables.end() ? nullptr : carried->second;
    if (streams && table->source() != message->table) {
      auto renamings = rename({{table, message->table}}, tables);
      table = renamings.tables.front().second;
      effect = {.renamed = std::move(renamings.tables), .steps = std::move(renamings.steps)};
    }
    if (streams) recall(table->shape(), oid);
    const auto& told = remember(std::move(*message));
    if (!streams) return {};
    auto change = follow(table, known_part(*table, oid, told.columns), told.columns, true,
                         waits(*table, told) ? told : ToldColumns{});
    if (!change) return effect;
    effect.table = std::move(change->table);
    std::move(change->steps.begin(), change->steps.end(), std::back_inserter(effect.steps));
    return effect;
  }

  std::vector<Rebinding> look(const std::map<schema::TableName, Table>& tables) override {
    std::vector<Oid> relations;
    for (const auto& [name, table] : tables) {
      if (looked_at(*table) && !partitioned(*table)) relations.push_back(table->plan().source.oid);
    }
    const auto numbers = catalog_->file_numbers(relations);
    std::vector<Rebinding> changes;
    for (const auto& [name, table] : tables) {
      if (!looked_at(*table)) continue;
      // One question for all tells of an ordinary table; a partition that was detached and attached anew has its file.
      if (!partitioned(*table)) {
        const auto now = numbers.find(table->plan().source.oid.value);
        if (now == numbers.end() || now->second == known_files(*table).numbers) continue;
      }
      look_at_files(*table);
      auto shape = table->shape();
      shape.files = known_files(*table);
      if (!(shape.files == table->shape().files)) changes.push_back(rebind(table, {.shape = std::move(shape)}));
    }
    return changes;
  }

 private:
  static constexpr const char* kComputed =
      "The source table was rewritten by ALTER TABLE .. TYPE .. USING: the rows that are there may have other values "
      "now, which the stream does not tell.";

  static constexpr const char* kAttached =
      "A partition that held rows already was attached to the source table: the stream does not tell those rows.";

  /// What happened to the rows is followed by a load of the table, where that may be.
  [[noreturn]] void untold(const TableShape& shape, const std::string& column, const std::string& what,
                           SchemaPolicy policy) const {
    if (policy != SchemaPolicy::kApply || !settings_.load_anew) refuse_change(shape, column, what);
    const auto& source = shape.plan.source.name;
    settings_.load_anew(source, column.empty() ? what : "column " + column + ": " + what);
    throw Error(ErrorCode::kRowsUntold, what, {.table = source.to_string(), .column = column});
  }

  /// The policy of a change that may be of any kind.
  SchemaPolicy all_of_columns() const {
    const auto& policies = settings_.policies;
    for (const auto policy : {policies.add_column, policies.drop_column, policies.rename_column}) {
      if (policy != SchemaPolicy::kApply) return policy;
    }
    return SchemaPolicy::kApply;
  }

  using Found = std::vector<std::pair<Table, schema::TableName>>;

  /// Tables that the catalog knows by another name than the pipeline, and those of `told` that it does not know.
  Found known_names(const Tables& tables, const Found& told) {
    std::vector<Oid> relations;
    for (const auto& [name, table] : tables) relations.push_back(table->plan().source.oid);
    const auto names = catalog_->names(relations);
    Found found;
    for (const auto& [name, table] : tables) {
      const auto now = names.find(table->plan().source.oid.value);
      if (now != names.end() && now->second != name) found.emplace_back(table, now->second);
    }
    for (const auto& [table, name] : told) {
      if (!names.contains(table->plan().source.oid.value)) found.emplace_back(table, name);
    }
    return found;
  }

  Renamings rename(const Found& found, const Tables& tables) {
    if (found.empty()) return {};
    std::map<schema::TableName, Table> after = tables;
    for (const auto& [table, name] : found) after.erase(table->source());
    int version = 1;
    for (const auto& [name, table] : tables) version = std::max(version, table->shape().version + 1);
    std::vector<TableRename> renames;
    for (const auto& [table, name] : found) {
      check_rename(*table, name);
      const auto [other, fresh] = after.emplace(name, table);
      if (!fresh) {
        const auto taken = name.to_string();
        refuse_change(table->shape(), "",
                      "The source table is named " + taken + " now, as a table of the pipeline was that is gone.",
                      "Take the one that is gone out of the pipeline: `millrace remove-tables <pipeline> " + taken +
                          "`; then the renamed table " + table->source().to_string() + " goes on.");
      }
      renames.push_back({.table = table,
                         .source = name,
                         .target = new_target(*table, name),
                         .ignored = settings_.policies.rename_table == SchemaPolicy::kIgnore});
    }
    Renamings renamings;
    std::vector<TargetStep> last;
    std::vector<std::pair<schema::TableName, schema::TableName>> names;
    for (const auto& each : renames) {
      auto change = rebind(each.table, {.shape = renamed_shape(each, version), .steps = {}, .rebinds = true});
      last.push_back(std::move(change.steps.back()));
      change.steps.pop_back();
      std::move(change.steps.begin(), change.steps.end(), std::back_inserter(renamings.steps));
      renamings.tables.emplace_back(each.table->source(), std::move(change.table));
      names.emplace_back(each.table->source(), each.source);
    }
    if (settings_.tables_renamed) settings_.tables_renamed(names);
    auto steps = rename_steps(settings_.pipeline, renames);
    std::move(steps.begin(), steps.end(), std::back_inserter(renamings.steps));
    std::move(last.begin(), last.end(), std::back_inserter(renamings.steps));
    renamings.steps.back().committed = settings_.renames_applied;
    return renamings;
  }

  void check_rename(const TableBinding& table, const schema::TableName& now) const {
    const auto what = "The source table is named " + now.to_string() + " now.";
    if (settings_.loading) {
      refuse_change(table.shape(), "", what + " It was renamed while it was loaded.",
                    "Take it out with `millrace remove-tables <pipeline> " + table.source().to_string() +
                        "` and in with `millrace add-tables` under its new name.");
    }
    if (settings_.policies.rename_table != SchemaPolicy::kPause) return;
    refuse_change(table.shape(), "", what,
                  "The schema policy of rename_table is pause: let the pipeline follow with policy apply or ignore, or "
                  "give the table its old name " +
                      table.source().to_string() + " again.");
  }

  /// Nothing: the target keeps its name.
  std::optional<std::string> new_target(const TableBinding& table, const schema::TableName& now) const {
    const schema::TableName derived{settings_.target_schema, table.source().name};
    const bool follows = settings_.policies.rename_table == SchemaPolicy::kApply &&
                         !settings_.own_names.contains(table.source()) && table.target() == derived;
    return follows && now.name != table.source().name ? std::optional(now.name) : std::nullopt;
  }

  TableFiles& known_files(const TableBinding& table) {
    return files_.try_emplace(table.plan().source.oid.value, table.shape().files).first->second;
  }

  static bool partitioned(const TableBinding& table) { return table.plan().source.partitioned; }
  bool looked_at(const TableBinding& table) const {
    return table.plan().source.oid.value != 0 && (!settings_.rewrites_told || partitioned(table));
  }

  /// What the stream does not tell: partitions that go, and, without event triggers, rewrites and partitions that come.
  void look_at_files(const TableBinding& table) {
    if (!looked_at(table)) return;
    auto& known = known_files(table);
    auto now = catalog_->files(table.plan().source.oid);
    if (now.columns.empty()) return;  // gone; the stream tells what that means
    look_at_partitions(table, known, now);
    if (settings_.rewrites_told) {
      known = std::move(now);
      return;
    }
    std::vector<int> carried;
    for (const auto& column : table.columns()) carried.push_back(column.mapping.source.attnum);
    const auto finding = judge_rewrite(known, now, carried);
    if (finding.kind == RewriteKind::kComputed) {
      untold(table.shape(), name_of(table, finding.columns.front()), kComputed, settings_.policies.change_type);
    }
    if (finding.kind == RewriteKind::kPossible) {
      const std::string what = "The source table was rewritten, and " + names_of(table, finding.columns) +
                               " changed: by a statement with USING its rows may have other values than the copy.";
      if (settings_.policies.change_type != SchemaPolicy::kIgnore) {
        untold(table.shape(), "", what, settings_.policies.change_type);
      }
      if (settings_.rewritten) {
        settings_.rewritten(table.source(), what + " `millrace verify <pipeline> --tables " +
                                                table.source().to_string() + " --repair` finds and mends them.");
      }
    }
    if (finding.kind != RewriteKind::kNone || known.numbers != now.numbers || known.partitions != now.partitions) {
      known = std::move(now);
    }
  }

  void look_at_partitions(const TableBinding& table, const TableFiles& known, const TableFiles& now) {
    const auto finding = judge_partitions(known, now);
    if (!finding.come.empty() && !settings_.rewrites_told) {
      const auto names = catalog_->attached_with_rows(table.plan().source.oid, finding.come);
      if (!names.empty()) {
        untold(table.shape(), "", fmt::format("{} It is {}.", kAttached, fmt::join(names, ", ")),
               settings_.policies.new_table);
      }
    }
    const auto tell = [&](const char* what, const std::vector<std::string>& names, const char* meaning) {
      if (names.empty() || !settings_.partitions_changed) return;
      settings_.partitions_changed(
          table.source(), fmt::format("{}: {}. {} `millrace verify <pipeline> --tables {} --repair` takes them away.",
                                      what, fmt::join(names, ", "), meaning, table.source().to_string()));
    };
    tell("Detached or dropped", finding.gone, "The rows that were there stay in the copy.");
    tell("Written anew", finding.replaced,
         "If that was a TRUNCATE of the partition alone, which PostgreSQL does not tell, the rows that were there stay "
         "in "
         "the copy.");
  }

  static std::string name_of(const TableBinding& table, int attnum) {
    for (const auto& column : table.columns()) {
      if (column.mapping.source.attnum == attnum) return column.mapping.source.name;
    }
    return {};
  }
  static std::string names_of(const TableBinding& table, const std::vector<int>& attnums) {
    std::string names;
    for (const int attnum : attnums) names += (names.empty() ? "" : ", ") + name_of(table, attnum);
    return names;
  }

  /// What became of the columns that are known: at once, so that it is kept even when no row comes for long. New ones
  /// wait for the Relation message, which alone says whether they are published.
  static Relation known_part(const TableBinding& table, Oid oid, const std::vector<LiveColumn>& live) {
    Relation relation;
    relation.id = oid;
    relation.schema = table.source().schema;
    relation.name = table.source().name;
    relation.replica_identity = 'f';  // says nothing of the key
    for (const auto& column : live) {
      if (knows(table, column)) relation.columns.push_back({false, column.name, column.type, column.modifier});
    }
    return relation;
  }

  static bool knows(const TableBinding& table, const LiveColumn& column) {
    const auto& known = table.plan().source.columns;
    return std::any_of(known.begin(), known.end(),
                       [&](const schema::SourceColumn& each) { return each.attnum == column.attnum; });
  }

  static bool waits(const TableBinding& table, const ToldColumns& told) {
    return std::any_of(told.columns.begin(), told.columns.end(),
                       [&](const LiveColumn& column) { return !knows(table, column); });
  }

  /// `waiting` is kept with the shape, for a run that begins before the Relation message comes.
  std::optional<Rebinding> follow(const Table& table, const Relation& relation, const std::vector<LiveColumn>& live,
                                  bool judges_names, ToldColumns waiting) {
    const auto describe = [&](int attnum) -> std::optional<schema::SourceColumn> {
      auto detail = catalog_->describe(relation.id, attnum);
      if (!detail) return std::nullopt;
      return std::move(detail->column);
    };
    const auto changes = [&] {
      try {
        return diff_schema(table->shape(), relation, live, describe, judges_names);
      } catch (const Error& error) {
        if (error.code() != ErrorCode::kRowsUntold) throw;
        untold(table->shape(), error.context().column, error.message(), all_of_columns());
      }
    }();
    const auto& files = known_files(*table);
    const bool moved = !(files == table->shape().files);
    if (changes.empty() && waiting.columns.empty() && table->shape().told.columns.empty() && !moved) {
      return std::nullopt;
    }
    const auto old_rows = [&](int attnum) { return old_rows_of(relation.id, live, attnum); };
    auto change = follow_changes(table->shape(), changes, settings_.policies, settings_.values, old_rows);
    if (change.untold) {
      untold(table->shape(), change.untold->column, change.untold->what,
             change.untold->followed ? SchemaPolicy::kApply : SchemaPolicy::kIgnore);
    }
    change.shape.told = std::move(waiting);
    change.shape.files = files;
    // An ignored change is met again with every Relation message.
    if (change.steps.empty() && to_json_text(change.shape) == to_json_text(table->shape())) return std::nullopt;
    return rebind(table, std::move(change));
  }

  /// A column's older rows have what they had when it came, whatever default was set since. A rewrite of the table may
  /// have given each row another value, unless it is explained by another column that changed its type.
  const ToldColumns& remember(DdlMessage message) {
    auto& told = told_[message.oid.value];
    const auto told_before = [&](const LiveColumn& column) -> const LiveColumn* {
      const auto found = std::find_if(told.columns.begin(), told.columns.end(),
                                      [&](const LiveColumn& each) { return each.attnum == column.attnum; });
      return found == told.columns.end() ? nullptr : &*found;
    };
    const auto retyped = [&](const LiveColumn& column) {
      const auto* before = told_before(column);
      return before != nullptr && (before->type != column.type || before->modifier != column.modifier);
    };
    const bool same_file = message.file && told.file == message.file;
    const bool explained = std::any_of(message.columns.begin(), message.columns.end(), retyped);
    for (auto& column : message.columns) {
      const auto* before = told_before(column);
      if (before == nullptr) continue;
      const bool keeps = same_file || (explained && !retyped(column));
      column.old_rows = keeps ? before->old_rows : std::nullopt;
      if (keeps && !column.old_rows && before->missing && !retyped(column)) {
        column.old_rows = OldRowsValue{OldRowsValue::Known::kValue, *before->missing};
      }
    }
    told.file = message.file;
    told.columns = std::move(message.columns);
    return told;
  }

  /// What an earlier run was told, and waits still.
  void recall(const TableShape& shape, Oid relation) {
    if (settings_.captured && !shape.told.columns.empty()) told_.try_emplace(relation.value, shape.told);
  }

  /// What the stream itself told last is of exactly this moment. It is not when a change was made that no trigger saw.
  const std::vector<LiveColumn>* told_columns(const TableShape& shape, const Relation& relation) {
    recall(shape, relation.id);
    const auto told = told_.find(relation.id.value);
    if (told == told_.end()) return nullptr;
    const auto known = [&](const pgoutput::RelationColumn& column) {
      return std::any_of(told->second.columns.begin(), told->second.columns.end(), [&](const LiveColumn& each) {
        return each.name == column.name && each.type == column.type && each.modifier == column.modifier;
      });
    };
    if (std::all_of(relation.columns.begin(), relation.columns.end(), known)) return &told->second.columns;
    told_.erase(told);
    return nullptr;
  }

  OldRowsValue old_rows_of(Oid relation, const std::vector<LiveColumn>& live, int attnum) {
    for (const auto& column : live) {
      if (column.attnum != attnum) continue;
      if (column.missing) return {OldRowsValue::Known::kValue, *column.missing};
      if (column.old_rows) return *column.old_rows;
    }
    const auto detail = catalog_->describe(relation, attnum);
    // Gone from the source since: whatever rows had in it will not be seen there again.
    return detail ? detail->old_rows : OldRowsValue{};
  }

  Rebinding rebind(const Table& before, ShapeChange change) const {
    auto table =
        std::make_shared<TableBinding>(settings_.pipeline, std::move(change.shape), settings_.values, before->mode());
    table->set_snapshot_lsn(before->snapshot_lsn());
    if (settings_.binary) check_binary(*before, *table);
    auto& steps = change.steps;
    if (change.rebinds) {
      const auto drop = "DROP TABLE IF EXISTS ";
      steps.insert(steps.begin(),
                   TargetStep{.stage_sql = drop + quote_mssql(table->stage()) + "; " + create_stage_sql(*table),
                              .after_sql = drop + quote_mssql(before->stage())});
    }
    steps.push_back(save_shape(settings_.pipeline, table->shape()));
    return {std::move(table), std::move(steps)};
  }

  /// The stream's form was chosen for the columns that were there when it began.
  void check_binary(const TableBinding& before, const TableBinding& after) const {
    for (const auto& column : after.columns()) {
      if (schema::binary_capable(column.mapping.source.type)) continue;
      throw Error(ErrorCode::kStreamForm,
                  "A column came whose type must be sent as text; the stream begins anew in that form.",
                  {.table = before.source().to_string(), .column = column.mapping.source.name});
    }
  }

  WatcherSettings settings_;
  std::unique_ptr<TableCatalog> catalog_;
  std::map<std::uint32_t, ToldColumns> told_;  ///< by the table's OID
  std::map<std::uint32_t, TableFiles> files_;  ///< same; at the last look
};

}  // namespace

std::unique_ptr<SchemaWatcher> make_schema_watcher(WatcherSettings settings, std::unique_ptr<TableCatalog> catalog) {
  return std::make_unique<Watcher>(std::move(settings), std::move(catalog));
}

}  // namespace millrace::replication
