#include "cli/yaml_document.hpp"

#include <yaml-cpp/yaml.h>

#include <charconv>
#include <fstream>
#include <iostream>
#include <iterator>

namespace millrace::cli {
namespace {

using nlohmann::json;

json scalar(const YAML::Node& node) {
  const std::string& text = node.Scalar();
  // yaml-cpp tags a quoted scalar with "!".
  if (node.Tag() == "!") return text;
  if (text == "true") return true;
  if (text == "false") return false;
  std::int64_t number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure == std::errc() && end == text.data() + text.size()) return number;
  return text;
}

class Converter {
 public:
  explicit Converter(YamlDocument& document) : document_(document) {}

  json convert(const YAML::Node& node, const std::string& path) {
    switch (node.Type()) {
      case YAML::NodeType::Scalar:
        return scalar(node);
      case YAML::NodeType::Sequence:
        return sequence(node, path);
      case YAML::NodeType::Map:
        return mapping(node, path);
      default:
        return nullptr;
    }
  }

 private:
  json sequence(const YAML::Node& node, const std::string& path) {
    json list = json::array();
    for (const auto& item : node) list.push_back(convert(item, path + "." + std::to_string(list.size())));
    return list;
  }

  json mapping(const YAML::Node& node, const std::string& path) {
    json object = json::object();
    for (const auto& item : node) {
      if (!item.first.IsScalar()) throw YAML::Exception(item.first.Mark(), "a name is no text");
      const auto& name = item.first.Scalar();
      if (object.contains(name)) throw YAML::Exception(item.first.Mark(), name + " stands here twice");
      const auto place = path.empty() ? name : path + "." + name;
      document_.places[place] = {item.first.Mark().line + 1, item.first.Mark().column + 1};
      object[name] = convert(item.second, place);
    }
    return object;
  }

  YamlDocument& document_;
};

std::string place_text(const std::string& file, const YAML::Mark& mark) {
  if (mark.is_null()) return file;
  return file + ":" + std::to_string(mark.line + 1) + ":" + std::to_string(mark.column + 1);
}

}  // namespace

std::string YamlDocument::place_of(const std::string& field) const {
  // What is missing stands, at best, where its parent does.
  for (auto name = field;;) {
    if (const auto found = places.find(name); found != places.end()) {
      return file + ":" + std::to_string(found->second.line) + ":" + std::to_string(found->second.column);
    }
    const auto dot = name.rfind('.');
    if (dot == std::string::npos) return file;
    name.resize(dot);
  }
}

Error YamlDocument::located(const Error& error) const {
  Error with_place(error.code(), place_of(error.context().field) + ": " + error.message(), error.context());
  if (!error.cause().empty()) with_place.because(error.cause());
  for (const auto& note : error.notes()) with_place.note(note);
  return with_place.suggest(error.suggestion());
}

std::vector<YamlDocument> read_yaml(const std::string& text, const std::string& file) {
  std::vector<YamlDocument> documents;
  try {
    for (const auto& node : YAML::LoadAll(text)) {
      if (node.IsNull()) continue;
      YamlDocument document{.file = file};
      document.value = Converter(document).convert(node, "");
      if (!document.value.is_object()) {
        throw Error(ErrorCode::kUsage, place_text(file, node.Mark()) + ": this is not a YAML mapping.",
                    {.field = "file"});
      }
      documents.push_back(std::move(document));
    }
  } catch (const YAML::Exception& error) {
    throw Error(ErrorCode::kUsage, place_text(file, error.mark) + ": " + error.msg + ".", {.field = "file"});
  }
  return documents;
}

std::string read_text(const std::string& path) {
  if (path == "-") return {std::istreambuf_iterator<char>(std::cin), {}};
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file) throw Error(ErrorCode::kUsage, "The file " + path + " cannot be read.", {.field = "file"});
  return text;
}

YamlDocument read_yaml_file(const std::string& path) {
  auto documents = read_yaml(read_text(path), path);
  if (documents.size() > 1) {
    throw Error(ErrorCode::kUsage, path + " holds more than one document.", {.field = "file"});
  }
  if (documents.empty()) return {.file = path, .value = nlohmann::json::object()};
  return std::move(documents.front());
}

}  // namespace millrace::cli
