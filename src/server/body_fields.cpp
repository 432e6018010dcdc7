#include "server/body_fields.hpp"

#include <nlohmann/json.hpp>

#include "server/api_json.hpp"
#include "support/error.hpp"

namespace millrace::server {
namespace {

using nlohmann::json;

const json* member(const json& body, const std::string& name) {
  const auto found = body.find(name);
  return found == body.end() ? nullptr : &*found;
}

}  // namespace

Error unfit(const std::string& name, const std::string& what) {
  return Error(ErrorCode::kUsage, name + " " + what, {.field = name});
}

json optional_body(const Request& request) {
  return request.body.empty() ? json::object() : parse_body(request);
}

std::optional<std::string> text_field(const json& body, const std::string& name) {
  const auto* value = member(body, name);
  if (value == nullptr) return std::nullopt;
  if (!value->is_string()) throw unfit(name, "must be a text.");
  auto text = value->get<std::string>();
  if (text.find('\0') != std::string::npos) throw unfit(name, "must be a text without NUL.");
  return text;
}

std::string needed_text_field(const json& body, const std::string& name) {
  auto text = text_field(body, name);
  if (!text || text->empty()) throw unfit(name, "is needed.");
  return std::move(*text);
}

std::optional<bool> flag_field(const json& body, const std::string& name) {
  const auto* value = member(body, name);
  if (value == nullptr) return std::nullopt;
  if (!value->is_boolean()) throw unfit(name, "must be true or false.");
  return value->get<bool>();
}

std::optional<std::int64_t> number_field(const json& body, const std::string& name) {
  const auto* value = member(body, name);
  if (value == nullptr) return std::nullopt;
  // What passes the largest signed number is unsigned to the parser.
  if (!value->is_number_integer() || (value->is_number_unsigned() && value->get<std::uint64_t>() > INT64_MAX) ||
      value->get<std::int64_t>() < 0) {
    throw unfit(name, "must be a whole number.");
  }
  return value->get<std::int64_t>();
}

std::optional<double> real_field(const json& body, const std::string& name) {
  const auto* value = member(body, name);
  if (value == nullptr) return std::nullopt;
  if (!value->is_number() || value->get<double>() < 0) throw unfit(name, "must be a number of at least 0.");
  return value->get<double>();
}

std::vector<std::string> texts_field(const json& body, const std::string& name) {
  std::vector<std::string> texts;
  const auto* value = member(body, name);
  if (value == nullptr) return texts;
  if (!value->is_array()) throw unfit(name, "must be a list of texts.");
  for (const auto& text : *value) {
    if (!text.is_string()) throw unfit(name, "must be a list of texts.");
    texts.push_back(text.get<std::string>());
  }
  return texts;
}

}  // namespace millrace::server
