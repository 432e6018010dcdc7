#include "pipeline/engine_options.hpp"

#include <nlohmann/json.hpp>

#include "pipeline/words.hpp"
#include "support/error.hpp"

namespace millrace::pipeline {

void refuse_other_engines_option(const std::string& option, const std::string& field, EngineKind chosen) {
  const auto other = chosen == EngineKind::kEmbedded ? EngineKind::kKafkaConnect : EngineKind::kEmbedded;
  throw Error(ErrorCode::kUsage,
              option + " is an option of the engine " + to_word(other) + ", and this pipeline's engine is " +
                  to_word(chosen) + ".",
              {.field = field})
      .suggest("Leave it out, or choose the engine " + std::string(to_word(other)) + ".");
}

void refuse_other_engines_options(const nlohmann::json& document, EngineKind chosen) {
  const std::string section = chosen == EngineKind::kEmbedded ? "kafka_connect" : "embedded";
  const auto found = document.find(section);
  if (found == document.end() || !found->is_object()) return;
  for (const auto& [name, value] : found->items()) {
    if (value.is_null()) continue;
    const auto option = section + "." + name;
    refuse_other_engines_option(option, option, chosen);
  }
}

}  // namespace millrace::pipeline
