#include "server/parameters.hpp"

#include <charconv>
#include <nlohmann/json.hpp>

#include "support/error.hpp"

namespace millrace::server {
namespace {

constexpr std::int64_t kNoRevision = -1;

template <typename Number>
std::optional<Number> whole(std::string_view text) {
  Number value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

Error wrong(const std::string& name, const std::string& what) {
  return Error(ErrorCode::kUsage, name + " must be " + what + ".", {.field = name});
}

}  // namespace

std::string text_member(const nlohmann::json& body, const std::string& name) {
  auto text = optional_text_member(body, name);
  if (!text) throw Error(ErrorCode::kUsage, "The member " + name + " must be there and be a text.", {.field = name});
  return *text;
}

std::optional<std::string> optional_text_member(const nlohmann::json& body, const std::string& name) {
  const auto found = body.find(name);
  if (found == body.end()) return std::nullopt;
  if (!found->is_string()) throw wrong(name, "a text");
  auto text = found->get<std::string>();
  // The store of PostgreSQL keeps none.
  if (text.find('\0') != std::string::npos) throw wrong(name, "a text without NUL");
  return text;
}

std::optional<bool> optional_flag_member(const nlohmann::json& body, const std::string& name) {
  const auto found = body.find(name);
  if (found == body.end()) return std::nullopt;
  if (!found->is_boolean()) throw wrong(name, "true or false");
  return found->get<bool>();
}

std::vector<std::string> texts_member(const nlohmann::json& body, const std::string& name) {
  const auto found = body.find(name);
  if (found == body.end()) return {};
  std::vector<std::string> texts;
  if (!found->is_array()) throw wrong(name, "a list of texts");
  for (const auto& item : *found) {
    if (!item.is_string()) throw wrong(name, "a list of texts");
    texts.push_back(item.get<std::string>());
  }
  return texts;
}

std::string etag(std::int64_t revision) {
  return "\"" + std::to_string(revision) + "\"";
}

std::optional<std::int64_t> if_match(const Request& request) {
  const auto tag = request.header("if-match");
  if (tag.empty() || tag == "*") return std::nullopt;
  const bool quoted = tag.size() > 2 && tag.front() == '"' && tag.back() == '"';
  return quoted ? whole<std::int64_t>(std::string_view(tag).substr(1, tag.size() - 2)).value_or(kNoRevision)
                : kNoRevision;
}

}  // namespace millrace::server
