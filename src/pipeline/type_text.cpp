#include "pipeline/type_text.hpp"

#include <regex>
#include <set>

#include "schema/names_equal.hpp"
#include "support/error.hpp"

namespace millrace::pipeline {
namespace {

[[noreturn]] void refuse(const std::string& text, const std::string& field) {
  throw Error(ErrorCode::kUsage, field + " has \"" + text + "\", which is not a T-SQL type that can be written.",
              {.field = field})
      .suggest("Write one like int, decimal(12,2), nvarchar(50), nvarchar(max), datetime2(6).");
}

int number(const std::string& text, int low, int high, const std::string& whole, const std::string& field) {
  const int value = text.size() > 5 ? -1 : std::stoi(text);
  if (value < low || value > high) refuse(whole, field);
  return value;
}

}  // namespace

schema::TargetType parse_target_type(const std::string& text, const std::string& field) {
  static const std::regex kForm(R"(\s*([A-Za-z0-9]+)\s*(?:\(\s*(max|\d+)\s*(?:,\s*(\d+)\s*)?\))?\s*)",
                                std::regex::icase);
  static const std::set<std::string> kLengths = {"char", "varchar", "nchar", "nvarchar", "binary", "varbinary"};
  static const std::set<std::string> kScales = {"time", "datetime2", "datetimeoffset"};
  static const std::set<std::string> kPlain = {
      "bit",      "tinyint",       "smallint", "int",        "bigint",           "real", "date",
      "datetime", "smalldatetime", "money",    "smallmoney", "uniqueidentifier", "xml"};
  std::smatch part;
  if (!std::regex_match(text, part, kForm)) refuse(text, field);
  schema::TargetType type{.name = schema::fold_case(part[1].str())};
  const std::string first = schema::fold_case(part[2].str());
  const std::string second = part[3].str();
  if (kLengths.contains(type.name)) {
    const bool wide = type.name.front() == 'n';
    if (!second.empty()) refuse(text, field);
    if (first == "max") {
      type.length = schema::TargetType::kMax;
    } else {
      type.length = first.empty() ? 1 : number(first, 1, wide ? 4000 : 8000, text, field);
    }
  } else if (type.name == "decimal" || type.name == "numeric") {
    type.name = "decimal";
    type.precision = first.empty() ? 18 : number(first, 1, 38, text, field);
    type.scale = second.empty() ? 0 : number(second, 0, *type.precision, text, field);
  } else if (kScales.contains(type.name) && second.empty()) {
    type.scale = first.empty() ? 7 : number(first, 0, 7, text, field);
  } else if (type.name == "float" && second.empty()) {
    type.precision = first.empty() ? 53 : number(first, 1, 53, text, field);
  } else if (!kPlain.contains(type.name) || !first.empty()) {
    refuse(text, field);
  }
  return type;
}

}  // namespace millrace::pipeline
