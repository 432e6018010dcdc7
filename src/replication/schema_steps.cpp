#include "replication/schema_steps.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "replication/type_change.hpp"
#include "schema/cell_encoder.hpp"
#include "schema/cell_text.hpp"
#include "schema/column_types.hpp"
#include "schema/keys.hpp"
#include "schema/names_equal.hpp"
#include "schema/target_ddl.hpp"
#include "support/error.hpp"

namespace millrace::replication {
namespace {

using schema::ColumnMapping;
using schema::quote_mssql;
using schema::quote_mssql_literal;
using schema::TargetColumn;

std::string column_type(const TargetColumn& column) {
  return column.type.to_string() + (column.collation.empty() ? "" : " COLLATE " + column.collation) +
         (column.nullable ? " NULL" : " NOT NULL");
}

/// The target type takes what is in a column of the other by ALTER COLUMN, each value as PostgreSQL's cast makes it.
bool converts(const schema::TargetType& from, const schema::TargetType& to) {
  if (holds(to, from)) return true;
  const bool number = from.name == "smallint" || from.name == "int" || from.name == "bigint" || from.name == "decimal";
  if (to.name == "nvarchar" && number) return to.length.value_or(1) == schema::TargetType::kMax || *to.length >= 40;
  return to.name == "datetime2" && from.name == "date";
}

class Follower {
 public:
  Follower(const TableShape& shape, const SchemaPolicies& policies, schema::ValuePolicy values, const OldRows& old_rows)
      : before_(shape), policies_(policies), values_(values), old_rows_(old_rows) {
    change_.shape = shape;
  }

  ShapeChange run(const std::vector<SchemaChange>& changes) {
    rename_all(changes);
    for (const auto& change : changes) follow(change);
    plan().target.columns.clear();
    for (const auto& mapping : plan().columns) plan().target.columns.push_back(mapping.target);
    if (change_.rebinds) ++change_.shape.version;
    return std::move(change_);
  }

 private:
  schema::TablePlan& plan() { return change_.shape.plan; }
  std::string table() { return quote_mssql(plan().target.name); }

  void add_step(std::string sql, std::vector<std::optional<std::string>> values = {}) {
    change_.steps.push_back({.sql = std::move(sql), .values = std::move(values)});
  }

  /// With the last of the change's statements, or by itself where it needs none.
  void tell(bool applied, std::string message) {
    auto& steps = change_.steps;
    if (steps.empty() || steps.back().news) steps.emplace_back();
    steps.back().news =
        StepNews{applied ? StepNews::Kind::kApplied : StepNews::Kind::kIgnored, plan().source.name, std::move(message)};
  }

  /// True when the target follows; false when the change is ignored.
  bool follows(SchemaPolicy policy, const std::string& column, const std::string& what) {
    if (policy != SchemaPolicy::kPause) return policy == SchemaPolicy::kApply;
    refuse_change(before_, column, what,
                  "The schema policy is pause: let the pipeline follow with policy apply or ignore, or load the table "
                  "anew: `millrace reload <pipeline> " +
                      plan().source.name.to_string() + "`.");
  }

  void untold(const std::string& column, std::string what, bool followed) {
    if (!change_.untold) change_.untold = UntoldRows{column, std::move(what), followed};
  }

  ColumnMapping& mapping(const std::string& name) {
    const auto found = std::find_if(plan().columns.begin(), plan().columns.end(),
                                    [&](const ColumnMapping& column) { return column.source.name == name; });
    if (found == plan().columns.end()) throw Error(ErrorCode::kInternal, "A changed column is not carried: " + name);
    return *found;
  }
  bool in_target_key(const std::string& target) {
    const auto& key = plan().target.primary_key;
    return std::find(key.begin(), key.end(), target) != key.end();
  }
  const ColumnMapping* with_target_name(const std::string& name) {
    const auto found = std::find_if(plan().columns.begin(), plan().columns.end(), [&](const ColumnMapping& column) {
      return schema::fold_case(column.target.name) == schema::fold_case(name);
    });
    return found == plan().columns.end() ? nullptr : &*found;
  }

  void follow(const SchemaChange& change) {
    switch (change.kind) {
      case ChangeKind::kDropColumn:
      case ChangeKind::kRenameColumn:
        return;  // done by rename_all
      case ChangeKind::kAddColumn:
        return add(change.source);
      case ChangeKind::kChangeType:
        return change_type(change.column, change.source);
      case ChangeKind::kDropNotNull:
        return drop_not_null(change.column);
      case ChangeKind::kChangeKey:
        return change_key(change.key);
      case ChangeKind::kLeaveOut:
        leave_out(0, change.column);
        return tell(false, fmt::format("column {} added and gone again: left out", change.column));
      case ChangeKind::kForget:
        return forget(change);
    }
  }

  void leave_out(int attnum, const std::string& name) {
    plan().left_out.push_back(name);
    plan().source.columns.push_back({.attnum = attnum, .name = name});
  }

  void forget(const SchemaChange& change) {
    std::replace(plan().left_out.begin(), plan().left_out.end(), change.column, change.name);
    for (auto& column : plan().source.columns) {
      if (column.name == change.column) column.name = change.name;
    }
    tell(false, fmt::format("column {} renamed to {}: it is left out", change.column, change.name));
  }

  /// Names are freed before they are taken: drops first, then renames, those that exchange names by way of a third.
  void rename_all(const std::vector<SchemaChange>& changes) {
    for (const auto& change : changes) {
      if (change.kind == ChangeKind::kDropColumn) drop(change.column);
    }
    std::vector<std::pair<std::string, std::string>> target_renames;
    std::vector<std::pair<ColumnMapping*, std::string>> source_renames;
    for (const auto& change : changes) {
      if (change.kind != ChangeKind::kRenameColumn) continue;
      auto& column = mapping(change.column);
      const bool applied =
          follows(policies_.rename_column, change.column, "A column was renamed to " + change.name + ".");
      source_renames.emplace_back(&column, change.name);
      // A column that has another name on the target by choice keeps it.
      if (applied && column.target.name == change.column) {
        target_renames.emplace_back(change.column, change.name);
      } else {
        tell(applied, fmt::format("column {} renamed to {}; on the target it stays {}", change.column, change.name,
                                  column.target.name));
      }
    }
    for (auto& [from, to] : target_renames) check_free(from, to, target_renames);
    std::vector<std::pair<std::string, std::pair<std::string, std::string>>> last;
    for (const auto& [from, to] : target_renames) {
      const bool taken = schema::fold_case(from) != schema::fold_case(to) && with_target_name(to) != nullptr;
      if (!taken) {
        rename_target(from, to);
        tell(true, fmt::format("column {} renamed to {}", from, to));
        continue;
      }
      const auto way = fmt::format("millrace_rename_{}", last.size() + 1);
      rename_target(from, way);
      last.emplace_back(way, std::pair(from, to));
    }
    for (const auto& [way, names] : last) {
      rename_target(way, names.second);
      tell(true, fmt::format("column {} renamed to {}", names.first, names.second));
    }
    for (auto& [column, name] : source_renames) rename_source(*column, name);
  }

  void check_free(const std::string& from, const std::string& to,
                  const std::vector<std::pair<std::string, std::string>>& renames) {
    const auto* holder = with_target_name(to);
    if (holder == nullptr || schema::fold_case(from) == schema::fold_case(to)) return;
    const bool leaves = std::any_of(renames.begin(), renames.end(),
                                    [&](const auto& rename) { return rename.first == holder->target.name; });
    if (!leaves)
      refuse_change(before_, from, "A column was renamed to " + to + ", a name that the target has already.");
  }

  void rename_target(const std::string& from, const std::string& to) {
    // The first argument is a quoted name, the second a bare one: sp_rename takes brackets in it for part of the name.
    add_step(fmt::format("EXEC sp_rename {}, {}, N'COLUMN';", quote_mssql_literal(table() + "." + quote_mssql(from)),
                         quote_mssql_literal(to)));
    for (auto& column : plan().columns) {
      if (column.target.name == from) column.target.name = to;
    }
    auto& key = plan().target.primary_key;
    std::replace(key.begin(), key.end(), from, to);
    change_.rebinds = true;
  }

  void rename_source(ColumnMapping& column, const std::string& name) {
    renamed_.emplace_back(column.source.name, name);
    column.source.name = name;
    for (auto& known : plan().source.columns) {
      if (known.attnum == column.source.attnum) known.name = name;
    }
    // By number, not by name: two columns may have exchanged names.
    rename_key(plan().key, before_.plan.key);
    rename_key(change_.shape.key, before_.key);
    change_.rebinds = true;
  }
  void rename_key(std::vector<std::string>& key, const std::vector<std::string>& before) const {
    for (std::size_t i = 0; i < key.size(); ++i) {
      for (const auto& [from, to] : renamed_) {
        if (before[i] == from) key[i] = to;
      }
    }
  }

  void drop(const std::string& name) {
    const auto& column = mapping(name);
    const auto target = column.target;
    const bool applied = follows(policies_.drop_column, name, "A column was dropped.");
    if (in_target_key(target.name)) refuse_change(before_, name, "A column of the target's key was dropped.");
    if (applied) {
      add_step(schema::drop_column_sql(plan().target.name, target.name));
      tell(true, fmt::format("column {} dropped", name));
    } else {
      if (!target.nullable) {
        auto open = target;
        open.nullable = true;
        alter(open);
      }
      tell(false, fmt::format("column {} dropped; the target's stays and takes NULL", name));
    }
    std::erase_if(plan().columns, [&](const ColumnMapping& mapped) { return mapped.source.name == name; });
    std::erase_if(plan().source.columns, [&](const schema::SourceColumn& known) { return known.name == name; });
    change_.rebinds = true;
  }

  void alter(const TargetColumn& column) {
    add_step(fmt::format("ALTER TABLE {} ALTER COLUMN {} {};", table(), quote_mssql(column.name), column_type(column)));
  }

  void add(const schema::SourceColumn& source) {
    const bool generated = source.generated != schema::Generated::kNo;
    if (generated || !follows(policies_.add_column, source.name, "A column was added.")) {
      leave_out(source.attnum, source.name);
      return tell(false, fmt::format("column {} added: {}, left out{}", source.name, source.type.declared,
                                     generated ? " as it is generated" : ""));
    }
    if (with_target_name(source.name) != nullptr) {
      refuse_change(before_, source.name, "A column was added whose name the target has already, but for its case.");
    }
    ColumnMapping column{.source = source};
    column.target = {.name = source.name, .type = schema::map_type(source.type, {}, values_).type};
    const auto old = old_rows_(source.attnum);
    if (old.known == OldRowsValue::Known::kUnlogged) {
      return untold(source.name,
                    "A column was added whose values in older rows were computed row by row, which the stream does not "
                    "tell.",
                    true);
    }
    add_step(
        fmt::format("ALTER TABLE {} ADD {} {};", table(), quote_mssql(column.target.name), column_type(column.target)));
    const bool filled = old.known == OldRowsValue::Known::kValue && fill(column, old.text);
    tell(true, fmt::format("column {} added: {}{}", column.target.name, column.target.type.to_string(),
                           filled ? ", rows that are there got its default" : ""));
    const auto same = [&](const schema::SourceColumn& known) { return known.name == source.name; };
    std::erase_if(plan().source.columns, same);
    std::erase(plan().left_out, source.name);
    plan().columns.push_back(column);
    plan().source.columns.push_back(source);
    change_.rebinds = true;
  }

  /// PostgreSQL neither rewrites nor logs the rows that a column with a constant default is added to. False: NULL.
  bool fill(const ColumnMapping& column, const std::string& text) {
    const auto kind = schema::cell_kind(column.target.type);
    schema::Cell cell;
    cell.null = false;
    try {
      schema::make_encoder(column, values_)->encode(schema::WireFormat::kText, text, cell);
    } catch (const schema::ValueError& error) {
      refuse_change(before_, column.source.name,
                    "A column was added whose default has no place on the target: " + error.message());
    }
    if (cell.null) return false;
    const char* style = kind == schema::CellKind::kBinary ? ", 1" : "";
    add_step(fmt::format("UPDATE {} SET {} = CONVERT({}, ?{});", table(), quote_mssql(column.target.name),
                         column.target.type.to_string(), style),
             {as_constant(kind, cell, column.target.type)});
    return true;
  }

  /// The value's text in a form that CONVERT takes.
  static std::string as_constant(schema::CellKind kind, const schema::Cell& cell, const schema::TargetType& type) {
    auto text = schema::to_display(kind, cell, type);
    // T-SQL wants the minutes of an offset.
    if (kind == schema::CellKind::kDateTimeOffset && text.ends_with("+00")) text += ":00";
    return text;
  }

  void change_type(const std::string& name, const schema::SourceColumn& source) {
    auto& column = mapping(renamed_now(name));
    const auto from = column.source.type.declared;
    const auto what = fmt::format("The type of a column changed from {} to {}.", from, source.type.declared);
    const auto change = fmt::format("column {} changed: {}, was {}", column.source.name, source.type.declared, from);
    const bool applied = follows(policies_.change_type, name, what);
    if (!keeps_values(column.source.type, source.type)) {
      return untold(name, what + " The rows that are there may have other values now, which the stream does not tell.",
                    applied);
    }
    TargetColumn wanted = column.target;
    wanted.type = schema::map_type(source.type, column.facts, column.policy.value_or(values_)).type;
    if (in_target_key(column.target.name) && wanted.type.name == "nvarchar") fit_key_text(wanted);
    column.source.type = source.type;
    column.source.toastable = source.toastable;
    for (auto& known : plan().source.columns) {
      if (known.attnum == column.source.attnum) known.type = source.type;
    }
    change_.rebinds = true;
    const auto before = column.target.type.to_string();
    if (holds(column.target.type, wanted.type)) {
      return tell(applied, fmt::format("{}; the target's {} holds it", change, before));
    }
    if (!applied || !converts(column.target.type, wanted.type)) {
      try {
        schema::make_encoder(column, values_);
      } catch (const Error&) {
        refuse_change(before_, name, what);
      }
      if (applied) return untold(name, what, true);
      // Values that fit go on; one that does not stops the pipeline and is named.
      return tell(false, fmt::format("{}; the target's {} stays", change, before));
    }
    widen(column, wanted);
    tell(true, fmt::format("{}; on the target {}, was {}", change, column.target.type.to_string(), before));
  }

  std::string renamed_now(const std::string& name) const {
    for (const auto& [from, to] : renamed_) {
      if (from == name) return to;
    }
    return name;
  }

  static void fit_key_text(TargetColumn& column) {
    constexpr int kKeyUnits = 450;  // a clustered index holds 900 bytes
    const int units = column.type.length.value_or(1);
    if (units == schema::TargetType::kMax || units > kKeyUnits) column.type = schema::nvarchar(kKeyUnits);
    column.collation = "Latin1_General_100_BIN2";
  }

  void widen(ColumnMapping& column, const TargetColumn& wanted) {
    // SQL Server does not alter a column of a primary key.
    const bool key = in_target_key(wanted.name);
    if (key) drop_key();
    column.target = wanted;
    alter(wanted);
    if (key) add_key();
  }

  void drop_key() {
    // The constraint's name may be the user's.
    const auto object = quote_mssql_literal(table());
    add_step(
        fmt::format("DECLARE @sql nvarchar(max) = (SELECT N'ALTER TABLE ' + {} + N' DROP CONSTRAINT ' + "
                    "QUOTENAME(name) FROM sys.key_constraints WHERE parent_object_id = OBJECT_ID({}) AND type = "
                    "'PK'); EXEC sp_executesql @sql;",
                    object, object));
  }
  void add_key() {
    std::string columns;
    for (const auto& name : plan().target.primary_key) columns += (columns.empty() ? "" : ", ") + quote_mssql(name);
    add_step(fmt::format("ALTER TABLE {} ADD PRIMARY KEY CLUSTERED ({});", table(), columns));
  }

  void drop_not_null(const std::string& name) {
    const bool applied = follows(policies_.nullability, name, "A column takes NULL now.");
    auto& column = mapping(renamed_now(name));
    if (applied && in_target_key(column.target.name)) return;
    // One that is ignored comes again with every word of the table, so that another policy can follow it later.
    const bool known = !std::exchange(column.source.not_null, false);
    if (applied) {
      column.target.nullable = true;
      alter(column.target);
      tell(true, fmt::format("column {} takes NULL", column.source.name));
    } else if (!known) {
      tell(false, fmt::format("column {} takes NULL; the target's does not", column.source.name));
    }
  }

  void change_key(const std::vector<std::string>& key) {
    const bool applied = follows(policies_.change_key, "", "The key of the table changed.");
    change_.shape.key = key;
    change_.rebinds = true;
    for (const auto& name : key) {
      if (std::find(plan().left_out.begin(), plan().left_out.end(), name) == plan().left_out.end()) continue;
      refuse_change(before_, name, "The key of the table has a column now that is left out.");
    }
    std::string names;
    for (const auto& name : key) names += (names.empty() ? "" : ", ") + name;
    if (!applied) return tell(false, fmt::format("key changed: {}; the target's stays", names));
    const auto before = plan();
    if (!before.target.primary_key.empty()) drop_key();
    plan().target.primary_key.clear();
    plan().key = key;
    plan().key_kind = schema::KeyKind::kPrimaryKey;
    for (auto& column : plan().columns) column.key = false;
    schema::fit_key(plan(), {});
    for (std::size_t i = 0; i < plan().columns.size(); ++i) {
      const auto& now = plan().columns[i].target;
      const auto& was = before.columns[i].target;
      if (now.type == was.type && now.nullable == was.nullable && now.collation == was.collation) continue;
      alter(now);
    }
    add_key();
    tell(true, fmt::format("key changed: {}", names));
  }

  const TableShape& before_;
  const SchemaPolicies& policies_;
  schema::ValuePolicy values_;
  const OldRows& old_rows_;
  std::vector<std::pair<std::string, std::string>> renamed_;  ///< source columns: name before, name now
  ShapeChange change_;
};

}  // namespace

ShapeChange follow_changes(const TableShape& shape, const std::vector<SchemaChange>& changes,
                           const SchemaPolicies& policies, schema::ValuePolicy values, const OldRows& old_rows) {
  return Follower(shape, policies, values, old_rows).run(changes);
}

}  // namespace millrace::replication
