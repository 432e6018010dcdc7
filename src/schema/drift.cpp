#include "schema/drift.hpp"

#include <map>

#include "schema/names_equal.hpp"

namespace millrace::schema {
namespace {

int units(const TargetType& type) {
  return type.length.value_or(1) == TargetType::kMax ? 1 << 30 : type.length.value_or(1);
}

int integer_rank(const std::string& name) {
  static const std::map<std::string, int> kRanks = {{"bit", 1}, {"smallint", 3}, {"int", 4}, {"bigint", 5}};
  const auto found = kRanks.find(name);
  return found == kRanks.end() ? 0 : found->second;
}

/// True when every value of `planned` is held exactly by `actual`.
bool holds(const TargetType& actual, const TargetType& planned) {
  if (actual == planned) return true;
  const int planned_rank = integer_rank(planned.name);
  if (planned_rank > 0 && integer_rank(actual.name) > 0) return integer_rank(actual.name) >= planned_rank;
  if (actual.name == "decimal" && (planned.name == "decimal" || planned_rank > 1)) {
    static const std::map<std::string, int> kDigits = {{"smallint", 5}, {"int", 10}, {"bigint", 19}};
    const int scale = planned.scale.value_or(0);
    const int digits = planned.name == "decimal" ? planned.precision.value_or(18) - scale : kDigits.at(planned.name);
    return actual.scale.value_or(0) >= scale && actual.precision.value_or(18) - actual.scale.value_or(0) >= digits;
  }
  if (actual.name == "float" && planned.name == "real") return actual.precision.value_or(53) == 53;
  if (actual.name != planned.name) return false;
  if (planned.length) return units(actual) >= units(planned);
  if (planned.scale) return actual.scale.value_or(7) >= *planned.scale;
  return planned.precision.value_or(53) <= actual.precision.value_or(53);
}

std::string alter_column(const TargetTable& planned, const TargetColumn& column) {
  return "ALTER TABLE " + quote_mssql(planned.name) + " ALTER COLUMN " + quote_mssql(column.name) + " " +
         column.type.to_string() + (column.collation.empty() ? "" : " COLLATE " + column.collation) +
         (column.nullable ? " NULL;" : " NOT NULL;");
}

bool binary(const std::string& collation) {
  return collation.ends_with("_BIN2") || collation.ends_with("_BIN");
}

bool same_key(const std::vector<std::string>& planned, const std::vector<std::string>& actual) {
  if (planned.size() != actual.size()) return false;
  for (const auto& column : planned) {
    bool found = false;
    for (const auto& other : actual) found = found || fold_case(other) == fold_case(column);
    if (!found) return false;
  }
  return true;
}

class Comparison {
 public:
  Comparison(const TargetTable& planned, const TargetTable& actual) : planned_(planned), actual_(actual) {}

  std::vector<Drift> run() {
    for (const auto& column : planned_.columns) compare_column(column);
    for (const auto& column : actual_.columns) {
      if (planned_.find_column(column.name) == nullptr) compare_extra(column);
    }
    if (!same_key(planned_.primary_key, actual_.primary_key)) {
      add(true, "", "its primary key has other columns than the source's key",
          "Drop the key and make it over the source's key columns, or drop the table and let Millrace create it.");
    }
    return std::move(drifts_);
  }

 private:
  void add(bool fatal, const std::string& column, std::string message, std::string fix = {}) {
    drifts_.push_back({fatal, column, std::move(message), std::move(fix)});
  }

  void compare_column(const TargetColumn& planned) {
    const TargetColumn* actual = actual_.find_column(planned.name);
    if (actual == nullptr) {
      add(true, planned.name, "is missing",
          "ALTER TABLE " + quote_mssql(planned_.name) + " ADD " + quote_mssql(planned.name) + " " +
              planned.type.to_string() + " NULL;");
      return;
    }
    if (actual->computed)
      return add(true, planned.name, "is computed, so it cannot be written", "Make it a plain column.");
    if (actual->identity) {
      add(true, planned.name, "is an IDENTITY column: the source's values cannot be written",
          "Make the table anew without IDENTITY.");
    }
    if (!holds(actual->type, planned.type)) {
      add(true, planned.name,
          "is " + actual->type.to_string() + ", planned " + planned.type.to_string() +
              ": values would be lost or changed",
          alter_column(planned_, planned));
    } else if (actual->type != planned.type) {
      add(false, planned.name,
          "is " + actual->type.to_string() + ", planned " + planned.type.to_string() + ": every value fits");
    }
    if (planned.nullable && !actual->nullable) {
      add(true, planned.name, "does not take NULL, the source's column does", alter_column(planned_, planned));
    }
    if (!planned.collation.empty() && !binary(actual->collation)) {
      add(true, planned.name, "has collation " + actual->collation + ": keys that differ in case would become one",
          alter_column(planned_, planned));
    }
  }

  void compare_extra(const TargetColumn& actual) {
    if (actual.nullable || actual.has_default || actual.computed || actual.identity) {
      add(false, actual.name, "is not on the source; it keeps its default");
    } else {
      add(true, actual.name, "is not on the source, does not take NULL and has no default: no row could be inserted",
          "ALTER TABLE " + quote_mssql(planned_.name) + " ALTER COLUMN " + quote_mssql(actual.name) + " " +
              actual.type.to_string() + " NULL;");
    }
  }

  const TargetTable& planned_;
  const TargetTable& actual_;
  std::vector<Drift> drifts_;
};

}  // namespace

std::vector<Drift> compare_tables(const TargetTable& planned, const TargetTable& actual) {
  return Comparison(planned, actual).run();
}

}  // namespace millrace::schema
