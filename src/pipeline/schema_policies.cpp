#include "pipeline/schema_policies.hpp"

#include <algorithm>
#include <vector>

#include "pipeline/words.hpp"
#include "support/error.hpp"

namespace millrace::pipeline {
namespace {

std::string trimmed(const std::string& text) {
  const auto begin = text.find_first_not_of(' ');
  if (begin == std::string::npos) return {};
  return text.substr(begin, text.find_last_not_of(' ') - begin + 1);
}

std::vector<std::string> parts_of(const std::string& text) {
  std::vector<std::string> parts;
  std::size_t at = 0;
  while (true) {
    const auto comma = text.find(',', at);
    parts.push_back(trimmed(text.substr(at, comma - at)));
    if (comma == std::string::npos) return parts;
    at = comma + 1;
  }
}

}  // namespace

std::string to_text(const SchemaPolicies& policies) {
  const auto frequency = [&](SchemaPolicy policy) {
    return std::count_if(kSchemaKinds.begin(), kSchemaKinds.end(),
                         [&](const auto& kind) { return policies.*kind.second == policy; });
  };
  auto most = SchemaPolicy::kApply;
  for (const auto policy : {SchemaPolicy::kIgnore, SchemaPolicy::kPause}) {
    if (frequency(policy) > frequency(most)) most = policy;
  }
  std::string text = to_word(most);
  for (const auto& [name, member] : kSchemaKinds) {
    if (policies.*member != most) text += std::string(",") + name + "=" + to_word(policies.*member);
  }
  return text;
}

void set_schema_policy(SchemaPolicies& policies, const std::string& kind, const std::string& word,
                       const std::string& field) {
  SchemaPolicy policy{};
  from_word(word, field, policy);
  if (kind == "all") {
    policies = policy;
    return;
  }
  std::string names;
  for (const auto& [name, member] : kSchemaKinds) {
    if (kind == name) {
      policies.*member = policy;
      return;
    }
    names += (names.empty() ? "" : ", ") + std::string(name);
  }
  throw Error(ErrorCode::kUsage, field + ": there is no kind of schema change " + kind + ".", {.field = field})
      .suggest("It takes apply, ignore or pause for all kinds, and kind=word for one of: " + names + ".");
}

SchemaPolicies parse_schema_policies(const std::string& text, const std::string& field) {
  SchemaPolicies policies;
  const auto parts = parts_of(text);
  // The word for all first, wherever it stands.
  for (const auto& part : parts) {
    if (part.find('=') == std::string::npos) set_schema_policy(policies, "all", part, field);
  }
  for (const auto& part : parts) {
    const auto sign = part.find('=');
    if (sign == std::string::npos) continue;
    set_schema_policy(policies, trimmed(part.substr(0, sign)), trimmed(part.substr(sign + 1)), field);
  }
  return policies;
}

}  // namespace millrace::pipeline
