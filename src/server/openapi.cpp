#include "server/openapi.hpp"

#include <yaml-cpp/yaml.h>

#include <charconv>
#include <nlohmann/json.hpp>

// The file is put into the program by the assembler; MILLRACE_OPENAPI is its path (src/CMakeLists.txt).
asm(".section .rodata\n"
    ".global millrace_openapi_begin\n"
    "millrace_openapi_begin:\n"
    ".incbin \"" MILLRACE_OPENAPI
    "\"\n"
    ".global millrace_openapi_end\n"
    "millrace_openapi_end:\n"
    ".byte 0\n"
    ".previous\n");

extern "C" {
extern const char millrace_openapi_begin[];
extern const char millrace_openapi_end[];
}

namespace millrace::server {
namespace {

using nlohmann::ordered_json;

ordered_json scalar(const YAML::Node& node) {
  const std::string& text = node.Scalar();
  if (node.Tag() == "!") return text;  // quoted
  if (text == "true") return true;
  if (text == "false") return false;
  if (text == "null") return nullptr;
  std::int64_t number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure == std::errc() && end == text.data() + text.size()) return number;
  return text;
}

ordered_json convert(const YAML::Node& node) {
  if (node.IsScalar()) return scalar(node);
  if (node.IsSequence()) {
    ordered_json list = ordered_json::array();
    for (const auto& item : node) list.push_back(convert(item));
    return list;
  }
  if (!node.IsMap()) return nullptr;
  ordered_json object = ordered_json::object();
  for (const auto& item : node) object[item.first.as<std::string>()] = convert(item.second);
  return object;
}

}  // namespace

std::string_view openapi_yaml() {
  return {millrace_openapi_begin, static_cast<std::size_t>(millrace_openapi_end - millrace_openapi_begin)};
}

const std::string& openapi_json() {
  static const std::string kText = convert(YAML::Load(std::string(openapi_yaml()))).dump();
  return kText;
}

}  // namespace millrace::server
