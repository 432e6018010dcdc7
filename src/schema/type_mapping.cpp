#include "schema/type_mapping.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "schema/column_types.hpp"
#include "schema/keys.hpp"
#include "schema/names_equal.hpp"

namespace millrace::schema {
namespace {

constexpr int kMostColumns = 1024;
constexpr int kWidestRow = 8060;

std::size_t utf16_units(const std::string& text) {
  std::size_t units = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xC0U) != 0x80U) units += byte >= 0xF0U ? 2 : 1;
  }
  return units;
}

class TablePlanner {
 public:
  TablePlanner(const SourceTable& table, const MappingOptions& options, const std::map<std::string, ColumnFacts>& facts)
      : facts_(facts), policy_(options.value_policy) {
    const auto chosen = options.tables.find(table.name);
    if (chosen != options.tables.end()) options_ = chosen->second;
    plan_.source = table;
    plan_.target.name = options_.rename.value_or(TableName{options.target_schema, table.name.name});
  }

  TablePlan run() {
    check_option_columns();
    for (const auto& column : plan_.source.columns) add_column(column);
    choose_key(plan_, options_);
    fit_key(plan_, facts_);
    for (const auto& mapping : plan_.columns) plan_.target.columns.push_back(mapping.target);
    check_limits();
    return std::move(plan_);
  }

 private:
  void issue(bool fatal, std::string id, std::string column, std::string message, std::string fix = {}) {
    plan_.issues.push_back({fatal, std::move(id), std::move(column), std::move(message), std::move(fix)});
  }

  void check_option_columns() {
    const auto require = [&](const std::string& column, const char* option) {
      if (plan_.source.find_column(column) == nullptr) {
        issue(true, "column.unknown", column, fmt::format("{} names a column that the table does not have", option),
              "Correct the column's name.");
      }
    };
    for (const auto& column : options_.exclude_columns) require(column, "exclude_columns");
    for (const auto& [column, type] : options_.column_types) require(column, "column_types");
    for (const auto& [column, policy] : options_.column_policies) require(column, "column_policies");
    for (const auto& [column, name] : options_.column_names) {
      require(column, "column_names");
      if (name.empty() || utf16_units(name) > kLongestName) {
        issue(true, "name.too_long", column, "a column's name on SQL Server has 1 to 128 characters",
              "Correct its name in column_names.");
      }
    }
  }

  void leave_out(const SourceColumn& column) { plan_.left_out.push_back(column.name); }

  void add_column(const SourceColumn& column) {
    const auto& excluded = options_.exclude_columns;
    if (std::find(excluded.begin(), excluded.end(), column.name) != excluded.end()) return leave_out(column);
    if (column.generated != Generated::kNo) {
      issue(false, "column.generated", column.name,
            "a generated column is left out: PostgreSQL does not publish it before version 18",
            "Add it as a computed column on the target when it is needed.");
      return leave_out(column);
    }
    const auto known = facts_.find(column.name);
    const ColumnFacts facts = known == facts_.end() ? ColumnFacts{} : known->second;
    const auto own = options_.column_policies.find(column.name);
    const auto policy = own == options_.column_policies.end() ? std::nullopt : std::optional(own->second);
    MappedType mapped = map_type(column.type, facts, policy.value_or(policy_));
    const auto chosen = options_.column_types.find(column.name);
    if (chosen != options_.column_types.end()) {
      mapped = {chosen->second, {"type chosen by option; the rule gives " + mapped.type.to_string()}};
    }
    const auto named = options_.column_names.find(column.name);
    plan_.columns.push_back({.source = column,
                             .target = {.name = named == options_.column_names.end() ? column.name : named->second,
                                        .type = mapped.type,
                                        .nullable = !column.not_null},
                             .facts = facts,
                             .policy = policy,
                             .notes = std::move(mapped.notes)});
    const bool as_text = plan_.columns.back().target.type.name == "nvarchar";
    if (facts.has_special && policy.value_or(policy_) == ValuePolicy::kFail && !as_text) {
      issue(true, "value.special", column.name,
            "its rows hold values that SQL Server has no place for (NaN, infinity, 24:00:00, BC or years above 9999)",
            fmt::format("Correct these rows, say what becomes of them (--column-policy {0}.{1}=null), or leave the "
                        "column out: --exclude-column {0}.{1}",
                        plan_.source.name.to_string(), column.name));
    }
  }

  void check_limits() {
    const auto& target = plan_.target;
    if (target.columns.empty()) issue(true, "table.empty", "", "no column is left to carry", "Exclude fewer columns.");
    if (target.columns.size() > kMostColumns) {
      issue(true, "table.too_many_columns", "",
            fmt::format("{} columns; SQL Server's tables hold {}", target.columns.size(), kMostColumns),
            "Leave columns out with exclude_columns.");
    }
    if (utf16_units(target.name.name) > kLongestName || utf16_units(target.name.schema) > kLongestName) {
      issue(true, "name.too_long", "", "SQL Server's names hold 128 characters", "Give the table another target name.");
    }
    std::map<std::string, std::string> seen;
    int fixed_bytes = 0;
    for (const auto& column : target.columns) {
      const auto [other, fresh] = seen.emplace(fold_case(column.name), column.name);
      if (!fresh) {
        issue(
            true, "name.collision", column.name,
            other->second == column.name
                ? std::string("two columns would have this name on the target")
                : fmt::format("differs from {} only in case, which SQL Server takes for the same name", other->second),
            "Leave one of them out with exclude_columns, or give it another name with column_names.");
      }
      // Variable lengths can move off the row, down to a 24-byte pointer.
      fixed_bytes += column.type.length ? 24 : key_bytes(column.type).value_or(24);
    }
    if (fixed_bytes > kWidestRow) {
      issue(true, "row.too_wide", "",
            fmt::format("a row takes at least {} bytes; SQL Server's hold {}", fixed_bytes, kWidestRow),
            "Leave columns out with exclude_columns.");
    }
  }

  const std::map<std::string, ColumnFacts>& facts_;
  ValuePolicy policy_;
  TableOptions options_;
  TablePlan plan_;
};

}  // namespace

TablePlan plan_table(const SourceTable& table, const MappingOptions& options,
                     const std::map<std::string, ColumnFacts>& facts) {
  return TablePlanner(table, options, facts).run();
}

std::vector<MappingIssue> check_plans(const std::vector<TablePlan>& plans) {
  std::vector<MappingIssue> issues;
  std::map<std::string, std::string> seen;
  for (const auto& plan : plans) {
    const auto source = plan.source.name.to_string();
    const auto [other, fresh] = seen.emplace(fold_case(plan.target.name.to_string()), source);
    if (!fresh) {
      issues.push_back(
          {true, "name.collision", "",
           fmt::format("{} and {} would both be written to {}", other->second, source, plan.target.name.to_string()),
           "Give one of them another target name."});
    }
  }
  return issues;
}

}  // namespace millrace::schema
