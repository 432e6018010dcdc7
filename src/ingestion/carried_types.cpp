#include "ingestion/carried_types.hpp"

#include <set>

namespace millrace::ingestion {

std::optional<std::string> why_not_carried(const schema::ColumnMapping& column) {
  static const std::set<std::string> kCarried = {
      "bool",      "int2",      "int4",     "int8",    "oid",       "float4",   "float8",    "numeric",     "money",
      "bpchar",    "varchar",   "text",     "citext",  "bytea",     "date",     "timestamp", "timestamptz", "time",
      "interval",  "uuid",      "json",     "jsonb",   "inet",      "cidr",     "macaddr",   "macaddr8",    "hstore",
      "int4range", "int8range", "numrange", "tsrange", "tstzrange", "daterange"};
  const auto& type = column.source.type;
  if (column.target.name.find(']') != std::string::npos) return "the JDBC sinks do not quote a ] in a name";
  if (column.facts.before_gregorian) {
    return "its rows hold instants before 1582-10-15, which the JDBC driver moves to another calendar";
  }
  if (type.is_array) return "no JDBC sink has a SQL Server type for arrays";
  if (type.kind == schema::TypeKind::kEnum) return std::nullopt;
  if (type.name == "bit" && type.length.value_or(1) == 1) return std::nullopt;
  if (type.name == "numeric" && type.scale.value_or(0) < 0) {
    return "Debezium reads a negative scale as a huge one, and the value with it";
  }
  if (type.name == "xml") {
    if (column.target.type.name == "xml") return std::nullopt;
    return "the JDBC sink binds it as xml, which SQL Server does not convert to text";
  }
  if (type.name == "timetz") return "Debezium turns it to UTC, and the offset is lost";
  if (type.kind == schema::TypeKind::kBase || type.kind == schema::TypeKind::kRange) {
    if (kCarried.contains(type.name)) return std::nullopt;
  }
  return "Debezium sends " + type.declared + " in a form that no JDBC sink turns back into its text";
}

}  // namespace millrace::ingestion
