#include "cli/yaml_document.hpp"

#include <yaml-cpp/yaml.h>

#include <charconv>
#include <nlohmann/json.hpp>

#include "support/error.hpp"

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

json convert(const YAML::Node& node) {
  switch (node.Type()) {
    case YAML::NodeType::Scalar:
      return scalar(node);
    case YAML::NodeType::Sequence: {
      json list = json::array();
      for (const auto& item : node) list.push_back(convert(item));
      return list;
    }
    case YAML::NodeType::Map: {
      json object = json::object();
      for (const auto& item : node) object[item.first.as<std::string>()] = convert(item.second);
      return object;
    }
    default:
      return nullptr;
  }
}

}  // namespace

json read_yaml_file(const std::string& path) {
  try {
    const json document = convert(YAML::LoadFile(path));
    if (!document.is_object()) throw Error(ErrorCode::kUsage, path + " is not a YAML mapping.", {.field = "file"});
    return document;
  } catch (const YAML::BadFile&) {
    throw Error(ErrorCode::kUsage, "The file " + path + " cannot be read.", {.field = "file"});
  } catch (const YAML::Exception& error) {
    throw Error(ErrorCode::kUsage, path + ", line " + std::to_string(error.mark.line + 1) + ": " + error.msg + ".",
                {.field = "file"});
  }
}

}  // namespace millrace::cli
