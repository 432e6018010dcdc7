#include "replication/relation_types.hpp"

#include <algorithm>
#include <iterator>

namespace millrace::replication {
namespace {

using schema::SourceType;

struct Builtin {
  std::uint32_t oid;
  std::uint32_t array;
  const char* name;
};

constexpr Builtin kBuiltins[] = {
    {16, 1000, "bool"},          {17, 1001, "bytea"},      {18, 1002, "char"},     {19, 1003, "name"},
    {20, 1016, "int8"},          {21, 1005, "int2"},       {23, 1007, "int4"},     {25, 1009, "text"},
    {26, 1028, "oid"},           {28, 1011, "xid"},        {114, 199, "json"},     {142, 143, "xml"},
    {650, 651, "cidr"},          {700, 1021, "float4"},    {701, 1022, "float8"},  {774, 775, "macaddr8"},
    {790, 791, "money"},         {829, 1040, "macaddr"},   {869, 1041, "inet"},    {1042, 1014, "bpchar"},
    {1043, 1015, "varchar"},     {1082, 1182, "date"},     {1083, 1183, "time"},   {1114, 1115, "timestamp"},
    {1184, 1185, "timestamptz"}, {1186, 1187, "interval"}, {1266, 1270, "timetz"}, {1560, 1561, "bit"},
    {1562, 1563, "varbit"},      {1700, 1231, "numeric"},  {2950, 2951, "uuid"},   {3802, 3807, "jsonb"}};

/// varlena modifiers carry their four header bytes (PostgreSQL source, VARHDRSZ).
constexpr int kModifierHeader = 4;

}  // namespace

void apply_modifier(SourceType& type, int modifier) {
  type.length.reset();
  type.precision.reset();
  type.scale.reset();
  if (modifier < 0) return;
  if (type.name == "varchar" || type.name == "bpchar") {
    type.length = modifier - kModifierHeader;
  } else if (type.name == "bit" || type.name == "varbit") {
    type.length = modifier;
  } else if (type.name == "numeric") {
    const int packed = modifier - kModifierHeader;
    type.precision = (packed >> 16) & 0xFFFF;
    // Eleven bits, signed since PostgreSQL 15 (numeric_typmod_scale).
    type.scale = ((packed & 0x7FF) ^ 1024) - 1024;
  } else if (type.name == "time" || type.name == "timetz" || type.name == "timestamp" || type.name == "timestamptz") {
    type.precision = modifier;
  }
}

std::optional<SourceType> builtin_type(Oid oid, int modifier) {
  const auto* const found = std::find_if(std::begin(kBuiltins), std::end(kBuiltins), [&](const Builtin& builtin) {
    return builtin.oid == oid.value || builtin.array == oid.value;
  });
  if (found == std::end(kBuiltins)) return std::nullopt;
  SourceType type;
  type.oid = oid;
  type.schema = "pg_catalog";
  type.name = found->name;
  type.is_array = found->array == oid.value;
  apply_modifier(type, modifier);
  type.declared = type.name + (type.is_array ? "[]" : "");
  return type;
}

bool same_type(const SourceType& one, const SourceType& other) {
  return one.schema == other.schema && one.name == other.name && one.kind == other.kind &&
         one.is_array == other.is_array && one.length == other.length && one.precision == other.precision &&
         one.scale == other.scale && one.longest_label >= other.longest_label;
}

}  // namespace millrace::replication
