#include "cli/table_options.hpp"

#include <CLI/CLI.hpp>

#include <nlohmann/json.hpp>

#include "pipeline/spec_json.hpp"
#include "support/error.hpp"

namespace millrace::cli {
namespace {

using nlohmann::json;

/// "schema.table.column" taken apart at the last dot.
std::pair<std::string, std::string> split_column(const std::string& text, const std::string& option) {
  const auto dot = text.rfind('.');
  if (dot == std::string::npos || text.find('.') == dot) {
    throw Error(ErrorCode::kUsage, "--" + option + " takes schema.table.column.", {.field = option});
  }
  return {text.substr(0, dot), text.substr(dot + 1)};
}

json list_of(const std::string& text) {
  json list = json::array();
  std::size_t start = 0;
  while (start <= text.size()) {
    const auto end = std::min(text.find(',', start), text.size());
    if (end > start) list.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  return list;
}

}  // namespace

std::pair<std::string, std::string> split_pair(const std::string& text, const std::string& option) {
  const auto equals = text.find('=');
  if (equals == std::string::npos || equals == 0) {
    throw Error(ErrorCode::kUsage, "--" + option + " takes NAME=VALUE.", {.field = option});
  }
  return {text.substr(0, equals), text.substr(equals + 1)};
}

TableOptions::TableOptions(CLI::App& app, const std::string& group) {
  app.add_option("--rename", renames_, "schema.table=schema.table")->group(group);
  app.add_option("--exclude-column", excludes_, "schema.table.column")->group(group);
  app.add_option("--key-columns", keys_, "schema.table=column,column")->group(group);
  app.add_option("--rename-column", names_, "schema.table.column=NAME on the target")->group(group);
  app.add_option("--column-type", types_, "schema.table.column=TYPE, e.g. decimal(12,2)")->group(group);
  app.add_option("--column-policy", policies_,
                 "schema.table.column=fail|null|clamp|text: as --value-policy, for one column")
      ->group(group);
}

void TableOptions::add_to(json& document) const {
  const auto table = [&](const std::string& name) -> json& { return document["mapping"]["tables"][name]; };
  for (const auto& text : renames_) {
    const auto [from, to] = split_pair(text, "rename");
    table(from)["rename"] = to;
  }
  for (const auto& text : excludes_) {
    const auto [name, column] = split_column(text, "exclude-column");
    table(name)["exclude_columns"].push_back(column);
  }
  for (const auto& text : keys_) {
    const auto [name, columns] = split_pair(text, "key-columns");
    table(name)["key_columns"] = list_of(columns);
  }
  const auto by_column = [&](const std::vector<std::string>& pairs, const char* option, const char* member) {
    for (const auto& text : pairs) {
      const auto [place, value] = split_pair(text, option);
      const auto [name, column] = split_column(place, option);
      table(name)[member][column] = value;
    }
  };
  by_column(names_, "rename-column", "column_names");
  by_column(types_, "column-type", "column_types");
  by_column(policies_, "column-policy", "column_policies");
}

std::map<schema::TableName, schema::TableOptions> TableOptions::tables() const {
  json document = json::object();
  add_to(document);
  return pipeline::spec_from_json(document).mapping.tables;
}

}  // namespace millrace::cli
