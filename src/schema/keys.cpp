#include "schema/keys.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "schema/column_types.hpp"

namespace millrace::schema {
namespace {

constexpr int kLongestKeyBytes = 900;  // a clustered index; nonclustered ones take 1,700
constexpr int kKeyUnits = kLongestKeyBytes / 2;
constexpr const char* kBinaryCollation = "Latin1_General_100_BIN2";

ColumnMapping* find_mapping(TablePlan& plan, const std::string& column) {
  const auto found = std::find_if(plan.columns.begin(), plan.columns.end(),
                                  [&](const auto& mapping) { return mapping.source.name == column; });
  return found == plan.columns.end() ? nullptr : &*found;
}

bool carried(TablePlan& plan, const std::vector<std::string>& key) {
  return !key.empty() &&
         std::all_of(key.begin(), key.end(), [&](const auto& column) { return find_mapping(plan, column) != nullptr; });
}

void use_key(TablePlan& plan, KeyKind kind, std::vector<std::string> key) {
  plan.key_kind = kind;
  plan.key = std::move(key);
}

void fit_text(TablePlan& plan, ColumnMapping& mapping, const ColumnFacts& facts) {
  auto& target = mapping.target;
  target.collation = kBinaryCollation;
  const int units = target.type.length.value_or(1);
  if (units == TargetType::kMax || units > kKeyUnits) {
    target.type = nvarchar(kKeyUnits);
    const auto longest = facts.max_utf16_units.value_or(0);
    const bool fatal = longest > kKeyUnits;
    plan.issues.push_back(
        {fatal, "key.too_long", mapping.source.name,
         fatal ? fmt::format("a key value has {} UTF-16 units; SQL Server's keys hold 450", longest)
               : "key values above 450 UTF-16 units will stop the pipeline: SQL Server's keys hold 900 bytes",
         fatal ? "Choose other key columns or leave the table out." : ""});
  }
  // A bytea that is kept as text has all its digits there.
  if (facts.padding_twins && mapping.source.type.name != "bytea") {
    plan.issues.push_back({true, "key.trailing_spaces", mapping.source.name,
                           "two key values differ only in trailing spaces, which SQL Server takes for equal",
                           "Choose other key columns, or make the values differ otherwise."});
  }
}

void fit_bytes(TablePlan& plan, ColumnMapping& mapping, const ColumnFacts& facts) {
  const auto& column = mapping.source.name;
  if (key_bytes(mapping.target.type).value_or(kLongestKeyBytes + 1) > kLongestKeyBytes) {
    mapping.target.type.length = kLongestKeyBytes;
    plan.issues.push_back({false, "key.too_long", column,
                           "key values above 900 bytes will stop the pipeline: SQL Server's keys hold no more", ""});
  }
  if (facts.padding_twins) {
    plan.issues.push_back(
        {true, "key.zero_bytes", column,
         "two key values differ only in zero bytes at their end, which SQL Server takes for equal",
         "Choose other key columns, or map the column to its digits with column_types: nvarchar(450)."});
  } else {
    plan.issues.push_back(
        {false, "key.zero_bytes", column,
         "SQL Server takes key values for equal that differ only in zero bytes at their end (0x01 and "
         "0x0100)",
         "Where both can occur, map the column to its digits with column_types: nvarchar(450)."});
  }
}

}  // namespace

void choose_key(TablePlan& plan, const TableOptions& options) {
  const auto& source = plan.source;
  if (!options.key_columns.empty()) {
    for (const auto& column : options.key_columns) {
      if (find_mapping(plan, column) != nullptr) continue;
      plan.issues.push_back({true, "key.unknown_column", column, "the chosen key column is not one that is carried",
                             "Correct key_columns of this table."});
      return;
    }
    return use_key(plan, KeyKind::kChosen, options.key_columns);
  }
  if (carried(plan, source.primary_key)) return use_key(plan, KeyKind::kPrimaryKey, source.primary_key);
  const UniqueIndex* best = nullptr;
  for (const auto& index : source.unique_indexes) {
    if (!index.usable_as_identity || !carried(plan, index.columns)) continue;
    if (source.replica_identity == ReplicaIdentity::kIndex && index.name == source.replica_identity_index) {
      return use_key(plan, KeyKind::kUniqueIndex, index.columns);
    }
    if (best == nullptr || index.columns.size() < best->columns.size()) best = &index;
  }
  if (best != nullptr) return use_key(plan, KeyKind::kUniqueIndex, best->columns);
  plan.issues.push_back(
      {false, "key.missing", "", "the table has neither a primary key nor a unique index over NOT NULL columns",
       fmt::format("ALTER TABLE {} ADD PRIMARY KEY (..); or name key_columns for this table.", quote_pg(source.name))});
}

std::optional<int> key_bytes(const TargetType& type) {
  static const std::map<std::string, int> kSizes = {
      {"bit", 1},     {"tinyint", 1},   {"smallint", 2},        {"int", 4},
      {"bigint", 8},  {"real", 4},      {"float", 8},           {"date", 3},
      {"time", 5},    {"datetime2", 8}, {"datetimeoffset", 10}, {"uniqueidentifier", 16},
      {"decimal", 17}};
  if (type.length) {
    if (*type.length == TargetType::kMax) return std::nullopt;
    return *type.length * (type.name == "nvarchar" || type.name == "nchar" ? 2 : 1);
  }
  const auto found = kSizes.find(type.name);
  return found == kSizes.end() ? std::nullopt : std::optional(found->second);
}

void fit_key(TablePlan& plan, const std::map<std::string, ColumnFacts>& facts) {
  int bytes = 0;
  for (const auto& column : plan.key) {
    ColumnMapping* mapping = find_mapping(plan, column);
    if (mapping == nullptr) continue;
    mapping->key = true;
    mapping->target.nullable = false;
    const auto known = facts.find(column);
    if (mapping->target.type.name == "nvarchar") {
      fit_text(plan, *mapping, known == facts.end() ? ColumnFacts{} : known->second);
    } else if (mapping->target.type.name == "varbinary") {
      fit_bytes(plan, *mapping, known == facts.end() ? ColumnFacts{} : known->second);
    }
    bytes += key_bytes(mapping->target.type).value_or(0);
  }
  if (bytes > kLongestKeyBytes && plan.key.size() > 1) {
    plan.issues.push_back(
        {false, "key.too_long", "",
         fmt::format(
             "the key's columns can take {} bytes together; a row whose key takes more than 900 will stop the pipeline",
             bytes),
         ""});
  }
  for (const auto& column : plan.key) {
    if (const auto* mapping = find_mapping(plan, column)) plan.target.primary_key.push_back(mapping->target.name);
  }
}

}  // namespace millrace::schema
