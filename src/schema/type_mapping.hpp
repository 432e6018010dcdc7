#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "schema/source_table.hpp"
#include "schema/target_table.hpp"

namespace millrace::schema {

/// What happens to a value that the target type has no room for (NaN, infinity, 24:00:00, a longer numeric).
enum class ValuePolicy { kFail, kNull, kClamp, kText };

/// Choices for one table.
struct TableOptions {
  std::optional<TableName> rename;  ///< the target's name; empty: same name in the target schema
  std::vector<std::string> exclude_columns;
  std::map<std::string, std::string> column_names;     ///< source column -> name on the target
  std::map<std::string, TargetType> column_types;      ///< source column -> type instead of the mapped one
  std::map<std::string, ValuePolicy> column_policies;  ///< source column -> policy instead of the pipeline's
  std::vector<std::string> key_columns;                ///< key for tables without primary key, by the user's word
};

struct MappingOptions {
  std::string target_schema = "dbo";
  ValuePolicy value_policy = ValuePolicy::kFail;
  std::map<TableName, TableOptions> tables;
};

/// How a value gets from source to target. The engines decide by it; types.hpp of each engine says what it can carry.
struct ColumnMapping {
  SourceColumn source;
  TargetColumn target;
  bool key = false;
  ColumnFacts facts;                  ///< what a look at the rows found; defaults when nobody looked
  std::optional<ValuePolicy> policy;  ///< of this column, by option; none: the pipeline's
  std::vector<std::string> notes;     ///< what a user should know: "NaN and infinity fail (policy)"
};

enum class KeyKind {
  kPrimaryKey,   ///< the source's primary key
  kUniqueIndex,  ///< REPLICA IDENTITY USING INDEX, or a unique index over NOT NULL columns
  kChosen,       ///< key columns by option
  kNone          ///< no key: inserts only, or REPLICA IDENTITY FULL
};

/// Something about a table that the user must or should know before creation.
struct MappingIssue {
  bool fatal = false;
  std::string id;      ///< "column.generated", "key.too_long", "name.collision", "row.too_wide", ...
  std::string column;  ///< empty: the table
  std::string message;
  std::string fix;  ///< statement or option that resolves it
};

/// One table's way from source to target.
struct TablePlan {
  SourceTable source;
  TargetTable target;
  std::vector<ColumnMapping> columns;  ///< without left-out columns, in attnum order
  std::vector<std::string> left_out;   ///< source columns that are not carried, with the reason in issues
  KeyKind key_kind = KeyKind::kNone;
  std::vector<std::string> key;  ///< source column names
  std::vector<MappingIssue> issues;
};

/// Maps one table by docs/reference/types.md. `facts` is keyed by column name and may be empty: then a numeric without
/// precision becomes nvarchar with the exact digits. Pure; never throws for what a table holds: see TablePlan::issues.
TablePlan plan_table(const SourceTable& table, const MappingOptions& options,
                     const std::map<std::string, ColumnFacts>& facts = {});

/// True of a numeric whose declaration does not say what SQL Server's type has to hold, and none of an array:
/// plan_table goes by the column's facts. Pure.
bool typed_by_rows(const SourceType& type);

/// Faults that only show between tables: two sources in one target, names equal but for case.
std::vector<MappingIssue> check_plans(const std::vector<TablePlan>& plans);

}  // namespace millrace::schema
