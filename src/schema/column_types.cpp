#include "schema/column_types.hpp"

#include <algorithm>
#include <functional>
#include <map>

namespace millrace::schema {
namespace {

constexpr int kLongestNvarchar = 4000;
constexpr int kMicroseconds = 6;

TargetType plain(const char* name) {
  return {.name = name};
}

TargetType scaled(const char* name, std::optional<int> digits) {
  return {.name = name, .scale = digits.value_or(kMicroseconds)};
}

/// A type whose special values SQL Server has no room for: as text they survive, else the policy decides.
MappedType with_specials(TargetType type, const char* specials, ValuePolicy policy, int text_units) {
  if (policy == ValuePolicy::kText)
    return {nvarchar(text_units), {"text, so that " + std::string(specials) + " survive"}};
  return {std::move(type), {std::string(specials) + " " + policy_words(policy)}};
}

MappedType character(const SourceType& type) {
  if (!type.length) return {nvarchar_max(), {}};
  // PostgreSQL counts characters, SQL Server UTF-16 units; a character outside the basic plane takes two.
  MappedType mapped{nvarchar(2 * *type.length), {}};
  if (type.name == "bpchar") mapped.notes.push_back("blank-padded to its declared length, as PostgreSQL gives it");
  return mapped;
}

MappedType bits(const SourceType& type) {
  if (type.name == "bit" && type.length.value_or(1) == 1) return {plain("bit"), {}};
  return {type.length ? nvarchar(*type.length) : nvarchar_max(), {"as text of 0 and 1"}};
}

using Rule = std::function<MappedType(const SourceType&, const ColumnFacts&, ValuePolicy)>;

Rule fixed(TargetType type) {
  return [type](const SourceType&, const ColumnFacts&, ValuePolicy) { return MappedType{type, {}}; };
}

Rule text_like(const char* note) {
  return [note](const SourceType&, const ColumnFacts&, ValuePolicy) { return MappedType{nvarchar_max(), {note}}; };
}

Rule special(TargetType type, const char* specials, int text_units) {
  return [=](const SourceType&, const ColumnFacts&, ValuePolicy policy) {
    return with_specials(type, specials, policy, text_units);
  };
}

const std::map<std::string, Rule>& rules() {
  static const std::map<std::string, Rule> kRules = {
      {"bool", fixed(plain("bit"))},
      {"int2", fixed(plain("smallint"))},
      {"int4", fixed(plain("int"))},
      {"int8", fixed(plain("bigint"))},
      {"oid", fixed(plain("bigint"))},
      {"xid", fixed(plain("bigint"))},
      {"float4", special(plain("real"), "NaN and infinity", 30)},
      {"float8", special({.name = "float", .precision = 53}, "NaN and infinity", 30)},
      {"numeric", map_numeric},
      {"money",
       [](const auto&, const auto&, auto) {
         return MappedType{{.name = "decimal", .precision = 19, .scale = 4},
                           {"amounts beyond 15 digits before the point stop the pipeline"}};
       }},
      {"bpchar", [](const auto& type, const auto&, auto) { return character(type); }},
      {"varchar", [](const auto& type, const auto&, auto) { return character(type); }},
      {"text", fixed(nvarchar_max())},
      {"citext", fixed(nvarchar_max())},
      {"name", fixed(nvarchar(128))},
      {"bytea", fixed({.name = "varbinary", .length = TargetType::kMax})},
      {"date", special(plain("date"), "infinity, BC and years above 9999", 20)},
      {"timestamp",
       [](const auto& type, const auto&, auto policy) {
         return with_specials(scaled("datetime2", type.precision), "infinity, BC and years above 9999", policy, 40);
       }},
      {"timestamptz",
       [](const auto& type, const auto&, auto policy) {
         return with_specials(scaled("datetimeoffset", type.precision), "infinity, BC and years above 9999", policy,
                              40);
       }},
      {"time", [](const auto& type, const auto&,
                  auto policy) { return with_specials(scaled("time", type.precision), "24:00:00", policy, 20); }},
      {"timetz", fixed(nvarchar(24))},
      {"interval", fixed(nvarchar(60))},
      {"uuid", fixed(plain("uniqueidentifier"))},
      {"json", fixed(nvarchar_max())},
      {"jsonb", fixed(nvarchar_max())},
      {"xml", text_like("as text: the xml type would write it anew")},
      {"bit", [](const auto& type, const auto&, auto) { return bits(type); }},
      {"varbit", [](const auto& type, const auto&, auto) { return bits(type); }},
      {"inet", fixed(nvarchar(43))},
      {"cidr", fixed(nvarchar(43))},
      {"macaddr", fixed(nvarchar(17))},
      {"macaddr8", fixed(nvarchar(23))},
      {"hstore", text_like("as a JSON object")},
      {"geometry", text_like("as EWKT")},
      {"geography", text_like("as EWKT")},
      {"vector", text_like("as a JSON array")}};
  return kRules;
}

}  // namespace

TargetType nvarchar(int units) {
  return {.name = "nvarchar", .length = units > kLongestNvarchar ? TargetType::kMax : std::max(units, 1)};
}

TargetType nvarchar_max() {
  return {.name = "nvarchar", .length = TargetType::kMax};
}

std::string policy_words(ValuePolicy policy) {
  switch (policy) {
    case ValuePolicy::kFail:
      return "stop the pipeline (value policy: fail)";
    case ValuePolicy::kNull:
      return "become NULL (value policy: null)";
    case ValuePolicy::kClamp:
      return "become the nearest value (value policy: clamp)";
    case ValuePolicy::kText:
      return "are kept as text (value policy: text)";
  }
  return "stop the pipeline";
}

MappedType map_type(const SourceType& type, const ColumnFacts& facts, ValuePolicy policy) {
  if (type.is_array) return {nvarchar_max(), {"as a JSON array"}};
  if (type.kind == TypeKind::kEnum) return {nvarchar(std::max(type.longest_label, 1)), {}};
  if (type.kind == TypeKind::kComposite) return {nvarchar_max(), {"as a JSON object"}};
  const auto rule = rules().find(type.name);
  if (rule != rules().end()) return rule->second(type, facts, policy);
  return {nvarchar_max(), {"as PostgreSQL's text"}};
}

}  // namespace millrace::schema
