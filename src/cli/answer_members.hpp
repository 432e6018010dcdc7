#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "preflight/finding.hpp"
#include "schema/table_name.hpp"

namespace millrace::cli {

/// The members of an answer of the API. What is not there, or null, is empty; a member of another kind throws Error
/// kServerUnreachable.
class AnswerMembers {
 public:
  explicit AnswerMembers(const nlohmann::ordered_json& value) : value_(value) {}

  /// Null when it is not there.
  const nlohmann::ordered_json* find(const char* name) const;
  std::string text(const char* name) const;
  std::optional<std::string> optional_text(const char* name) const;
  std::vector<std::string> texts(const char* name) const;
  /// A whole number, as a number or as a text (it may pass 2^53).
  std::optional<std::int64_t> count(const char* name) const;
  std::optional<double> real(const char* name) const;
  std::optional<bool> flag(const char* name) const;
  /// RFC 3339 in UTC -> Unix milliseconds.
  std::optional<std::int64_t> moment(const char* name) const;
  /// The items; none when it is not there.
  std::vector<nlohmann::ordered_json> list(const char* name) const;
  preflight::Findings findings(const char* name) const;

 private:
  const nlohmann::ordered_json& value_;
};

/// "2026-01-31T12:00:00.250Z" -> Unix milliseconds; nothing for a text of another form.
std::optional<std::int64_t> parse_utc(const std::string& text);
/// "schema.table", as answers write it: names are not quoted, and a schema has no dot.
schema::TableName written_table(const std::string& text);

}  // namespace millrace::cli
