#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace millrace {

/// null for what is not known.
template <typename Value>
nlohmann::ordered_json nullable(const std::optional<Value>& value) {
  return value ? nlohmann::ordered_json(*value) : nlohmann::ordered_json(nullptr);
}

/// null for an empty text, where that means that there is none.
inline nlohmann::ordered_json text_or_null(const std::string& text) {
  return text.empty() ? nlohmann::ordered_json(nullptr) : nlohmann::ordered_json(text);
}

}  // namespace millrace
