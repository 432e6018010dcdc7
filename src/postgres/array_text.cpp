#include "postgres/array_text.hpp"

namespace millrace::postgres {

std::string array_text(const std::vector<Oid>& oids) {
  std::string text = "{";
  for (const auto oid : oids) {
    if (text.size() > 1) text += ',';
    text += std::to_string(oid.value);
  }
  return text + "}";
}

std::string array_text(const std::vector<std::string>& texts) {
  std::string text = "{";
  for (const auto& element : texts) {
    if (text.size() > 1) text += ',';
    text += '"';
    for (const char c : element) {
      if (c == '"' || c == '\\') text += '\\';
      text += c;
    }
    text += '"';
  }
  return text + "}";
}

}  // namespace millrace::postgres
