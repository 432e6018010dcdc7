#include "cli/spec_file.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <set>

#include "pipeline/engine_options.hpp"
#include "pipeline/names.hpp"
#include "pipeline/spec_json.hpp"

namespace millrace::cli {
namespace {

using nlohmann::json;

std::string referred(const std::string& kind, const std::string& what, const std::string& field) {
  if (kind == "env") {
    if (const char* value = std::getenv(what.c_str()); value != nullptr) return value;
    throw Error(ErrorCode::kSecretMissing, "The variable " + what + " is not set.", {.field = field});
  }
  try {
    auto text = read_text(what);
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
    return text;
  } catch (const Error& error) {
    throw Error(ErrorCode::kSecretMissing, error.message(), {.field = field});
  }
}

void follow(json& value, const std::string& field) {
  if (field == "kafka_connect.source_overrides" || field == "kafka_connect.sink_overrides") return;
  if (value.is_object()) {
    for (const auto& [name, member] : value.items()) follow(member, field.empty() ? name : field + "." + name);
  } else if (value.is_array()) {
    for (auto& item : value) follow(item, field);
  } else if (value.is_string()) {
    const auto& text = value.get_ref<const std::string&>();
    if (!text.starts_with("${") || !text.ends_with("}")) return;
    const auto colon = text.find(':');
    const auto kind = colon == std::string::npos ? "" : text.substr(2, colon - 2);
    if (kind != "env" && kind != "file") {
      throw Error(ErrorCode::kUsage, "A reference is ${env:NAME} or ${file:PATH}.", {.field = field});
    }
    value = referred(kind, text.substr(colon + 1, text.size() - colon - 2), field);
  }
}

bool is_spec_file(const std::filesystem::path& path) {
  const auto ending = path.extension();
  return ending == ".yaml" || ending == ".yml" || ending == ".json";
}

std::vector<std::string> files_of(const std::string& path) {
  std::error_code failure;
  if (!std::filesystem::is_directory(path, failure)) return {path};
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(path, failure)) {
    if (is_spec_file(entry.path()) && entry.is_regular_file(failure)) files.push_back(entry.path().string());
  }
  if (failure) throw Error(ErrorCode::kUsage, "The directory " + path + " cannot be read.", {.field = "file"});
  if (files.empty()) {
    throw Error(ErrorCode::kUsage, "The directory " + path + " has no .yaml, .yml or .json file.", {.field = "file"});
  }
  std::sort(files.begin(), files.end());
  return files;
}

SpecFile read_complete(YamlDocument document, const FindConnection& find) {
  SpecFile file{.document = follow_references(std::move(document)), .spec = {}};
  try {
    file.document.value = with_connections(std::move(file.document.value), find);
  } catch (const Error& error) {
    throw file.document.located(error);
  }
  file.spec = spec_of(file.document);
  try {
    pipeline::refuse_other_engines_options(file.document.value, file.spec.engine);
    pipeline::require_complete(file.spec);
    file.spec.name = pipeline::derive_names(file.spec).pipeline;
  } catch (const Error& error) {
    throw file.document.located(error);
  }
  return file;
}

}  // namespace

YamlDocument follow_references(YamlDocument document) {
  try {
    follow(document.value, "");
  } catch (const Error& error) {
    throw document.located(error);
  }
  return document;
}

pipeline::PipelineSpec spec_of(const YamlDocument& document) {
  try {
    return pipeline::spec_from_json(document.value);
  } catch (const Error& error) {
    throw document.located(error);
  }
}

std::vector<SpecFile> read_spec_files(const std::vector<std::string>& paths, const FindConnection& find) {
  std::vector<SpecFile> files;
  std::set<std::string> names;
  for (const auto& path : paths) {
    for (const auto& file : files_of(path)) {
      const auto shown = file == "-" ? "standard input" : file;
      for (auto& document : read_yaml(read_text(file), shown)) {
        files.push_back(read_complete(std::move(document), find));
        if (names.insert(files.back().spec.name).second) continue;
        throw Error(ErrorCode::kUsage, shown + ": " + files.back().spec.name + " is described twice.",
                    {.field = "name"});
      }
    }
  }
  if (files.empty()) throw Error(ErrorCode::kUsage, "No pipeline is described.", {.field = "file"});
  return files;
}

}  // namespace millrace::cli
