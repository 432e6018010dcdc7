#include "replication/shape_json.hpp"

#include <nlohmann/json.hpp>

#include "pipeline/words.hpp"
#include "support/error.hpp"

namespace millrace::replication {
namespace {

using nlohmann::json;

template <typename Value>
json maybe(const std::optional<Value>& value) {
  return value ? json(*value) : json(nullptr);
}

std::optional<int> maybe_int(const json& value) {
  return value.is_null() ? std::nullopt : std::optional<int>(value.get<int>());
}

json name_json(const schema::TableName& name) {
  return {{"schema", name.schema}, {"name", name.name}};
}

schema::TableName parse_name(const json& value) {
  return {value.at("schema").get<std::string>(), value.at("name").get<std::string>()};
}

json type_json(const schema::SourceType& type) {
  json attributes = json::array();
  for (const auto& attribute : type.attributes) {
    attributes.push_back({{"name", attribute.name}, {"type", type_json(attribute.type)}});
  }
  return {{"oid", type.oid.value},
          {"attributes", std::move(attributes)},
          {"schema", type.schema},
          {"name", type.name},
          {"kind", static_cast<int>(type.kind)},
          {"array", type.is_array},
          {"length", maybe(type.length)},
          {"precision", maybe(type.precision)},
          {"scale", maybe(type.scale)},
          {"longest_label", type.longest_label},
          {"domain", type.domain},
          {"declared", type.declared}};
}

schema::SourceType parse_type(const json& value) {
  schema::SourceType type;
  type.oid = {value.at("oid").get<std::uint32_t>()};
  type.schema = value.at("schema").get<std::string>();
  type.name = value.at("name").get<std::string>();
  type.kind = static_cast<schema::TypeKind>(value.at("kind").get<int>());
  type.is_array = value.at("array").get<bool>();
  type.length = maybe_int(value.at("length"));
  type.precision = maybe_int(value.at("precision"));
  type.scale = maybe_int(value.at("scale"));
  type.longest_label = value.at("longest_label").get<int>();
  type.domain = value.at("domain").get<std::string>();
  type.declared = value.at("declared").get<std::string>();
  for (const auto& attribute : value.at("attributes")) {
    type.attributes.push_back({attribute.at("name").get<std::string>(), parse_type(attribute.at("type"))});
  }
  return type;
}

json column_json(const schema::ColumnMapping& column) {
  const auto& target = column.target;
  json value{{"attnum", column.source.attnum},
             {"name", column.source.name},
             {"type", type_json(column.source.type)},
             {"not_null", column.source.not_null},
             {"toastable", column.source.toastable},
             {"key", column.key},
             {"target",
              {{"name", target.name},
               {"type", target.type.name},
               {"length", maybe(target.type.length)},
               {"precision", maybe(target.type.precision)},
               {"scale", maybe(target.type.scale)},
               {"nullable", target.nullable},
               {"collation", target.collation}}}};
  if (column.policy) value["policy"] = pipeline::to_word(*column.policy);
  return value;
}

schema::ColumnMapping parse_column(const json& value) {
  schema::ColumnMapping column;
  column.source.attnum = value.at("attnum").get<int>();
  column.source.name = value.at("name").get<std::string>();
  column.source.type = parse_type(value.at("type"));
  column.source.not_null = value.at("not_null").get<bool>();
  column.source.toastable = value.at("toastable").get<bool>();
  column.key = value.at("key").get<bool>();
  const auto& target = value.at("target");
  column.target = {.name = target.at("name").get<std::string>(),
                   .type = {.name = target.at("type").get<std::string>(),
                            .length = maybe_int(target.at("length")),
                            .precision = maybe_int(target.at("precision")),
                            .scale = maybe_int(target.at("scale"))},
                   .nullable = target.at("nullable").get<bool>(),
                   .collation = target.at("collation").get<std::string>()};
  if (const auto policy = value.find("policy"); policy != value.end()) {
    pipeline::from_word(policy->get<std::string>(), "policy", column.policy.emplace());
  }
  return column;
}

json told_json(const ToldColumns& told) {
  json columns = json::array();
  for (const auto& column : told.columns) {
    json one = {{"attnum", column.attnum},     {"name", column.name},         {"type", column.type.value},
                {"modifier", column.modifier}, {"not_null", column.not_null}, {"missing", maybe(column.missing)}};
    if (column.old_rows) {
      one["old_rows"] = {{"known", static_cast<int>(column.old_rows->known)}, {"text", column.old_rows->text}};
    }
    columns.push_back(std::move(one));
  }
  return {{"columns", std::move(columns)}, {"file", maybe(told.file)}};
}

ToldColumns parse_told(const json& value) {
  ToldColumns told;
  if (const auto& file = value.at("file"); !file.is_null()) told.file = file.get<std::uint32_t>();
  for (const auto& one : value.at("columns")) {
    LiveColumn column{.attnum = one.at("attnum").get<int>(),
                      .name = one.at("name").get<std::string>(),
                      .type = {one.at("type").get<std::uint32_t>()},
                      .modifier = one.at("modifier").get<int>(),
                      .not_null = one.at("not_null").get<bool>(),
                      .missing = std::nullopt};
    if (const auto& missing = one.at("missing"); !missing.is_null()) column.missing = missing.get<std::string>();
    if (one.contains("old_rows")) {
      const auto& old = one.at("old_rows");
      column.old_rows = {static_cast<OldRowsValue::Known>(old.at("known").get<int>()),
                         old.at("text").get<std::string>()};
    }
    told.columns.push_back(std::move(column));
  }
  return told;
}

json files_json(const TableFiles& files) {
  json numbers = json::array();
  for (const auto& [relation, number] : files.numbers) numbers.push_back({relation, number});
  json columns = json::array();
  for (const auto& [attnum, mark] : files.columns) columns.push_back({attnum, mark.xmin, mark.content});
  json partitions = json::array();
  for (const auto& [leaf, mark] : files.partitions) partitions.push_back({leaf, mark.name, mark.links});
  json whole = {{"numbers", std::move(numbers)}, {"columns", std::move(columns)}};
  if (!partitions.empty()) whole["partitions"] = std::move(partitions);
  return whole;
}

TableFiles parse_files(const json& value) {
  TableFiles files;
  for (const auto& one : value.at("numbers")) {
    files.numbers[one.at(0).get<std::uint32_t>()] = one.at(1).get<std::uint32_t>();
  }
  for (const auto& one : value.at("columns")) {
    files.columns[one.at(0).get<int>()] = {one.at(1).get<std::uint32_t>(), one.at(2).get<std::string>()};
  }
  if (value.contains("partitions")) {  // none where an earlier version looked
    for (const auto& one : value.at("partitions")) {
      files.partitions[one.at(0).get<std::uint32_t>()] = {one.at(1).get<std::string>(), one.at(2).get<std::string>()};
    }
  }
  return files;
}

}  // namespace

std::string to_json_text(const TableShape& shape) {
  json left_out = json::array();
  for (const auto& name : shape.plan.left_out) {
    const auto* column = shape.plan.source.find_column(name);
    left_out.push_back({{"attnum", column == nullptr ? 0 : column->attnum}, {"name", name}});
  }
  json columns = json::array();
  for (const auto& column : shape.plan.columns) columns.push_back(column_json(column));
  json whole{{"oid", shape.plan.source.oid.value},
             {"source", name_json(shape.plan.source.name)},
             {"target", name_json(shape.plan.target.name)},
             {"columns", std::move(columns)},
             {"left_out", std::move(left_out)},
             {"primary_key", shape.plan.target.primary_key},
             {"plan_key", shape.plan.key},
             {"key", shape.key},
             {"version", shape.version}};
  if (shape.plan.source.partitioned) whole["partitioned"] = true;
  if (!shape.told.columns.empty()) whole["told"] = told_json(shape.told);
  if (!shape.files.numbers.empty() || !shape.files.partitions.empty()) whole["files"] = files_json(shape.files);
  return whole.dump();
}

TableShape parse_shape(const std::string& text) {
  try {
    const auto value = json::parse(text);
    TableShape shape;
    shape.plan.source.oid = {value.at("oid").get<std::uint32_t>()};
    shape.plan.source.name = parse_name(value.at("source"));
    shape.plan.source.partitioned = value.value("partitioned", false);
    shape.plan.target.name = parse_name(value.at("target"));
    for (const auto& column : value.at("columns")) {
      shape.plan.columns.push_back(parse_column(column));
      shape.plan.source.columns.push_back(shape.plan.columns.back().source);
      shape.plan.target.columns.push_back(shape.plan.columns.back().target);
    }
    for (const auto& column : value.at("left_out")) {
      shape.plan.left_out.push_back(column.at("name").get<std::string>());
      shape.plan.source.columns.push_back(
          {.attnum = column.at("attnum").get<int>(), .name = shape.plan.left_out.back()});
    }
    shape.plan.target.primary_key = value.at("primary_key").get<std::vector<std::string>>();
    shape.plan.key = value.at("plan_key").get<std::vector<std::string>>();
    shape.key = value.at("key").get<std::vector<std::string>>();
    shape.version = value.at("version").get<int>();
    if (value.contains("told")) shape.told = parse_told(value.at("told"));
    if (value.contains("files")) shape.files = parse_files(value.at("files"));
    return shape;
  } catch (const json::exception& error) {
    throw Error(ErrorCode::kStore, "A table's stored shape cannot be read.").because(error.what());
  }
}

}  // namespace millrace::replication
