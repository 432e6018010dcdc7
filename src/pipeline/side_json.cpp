#include "pipeline/side_json.hpp"

#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "pipeline/spec_json.hpp"

namespace millrace::pipeline {

const std::string& require_side(const std::string& word, const std::string& field) {
  if (word == "source" || word == "target") return word;
  throw Error(ErrorCode::kUsage, field + " is source or target.", {.field = field});
}

Error renamed(const Error& error, const std::string& side, const std::string& called) {
  const auto& field = error.context().field;
  const auto rest = field.starts_with(side) ? field.substr(side.size()) : std::string();
  Error other(error.code(), error.message(), {.field = called + rest});
  other.suggest(error.suggestion());
  return error.cause().empty() ? other : other.because(error.cause());
}

PipelineSpec side_from_json(const std::string& side, const nlohmann::json& document, const std::string& called) {
  try {
    return spec_from_json({{side, document}});
  } catch (const Error& error) {
    throw renamed(error, side, called);
  }
}

void require_reachable(const PipelineSpec& spec, const std::string& side, const std::string& called) {
  const bool source = side == "source";
  const std::array members = {std::pair{"host", source ? &spec.source.host : &spec.target.host},
                              std::pair{"database", source ? &spec.source.database : &spec.target.database},
                              std::pair{"user", source ? &spec.source.user : &spec.target.user}};
  for (const auto& [name, value] : members) {
    if (!value->empty()) continue;
    const auto field = called + "." + name;
    throw Error(ErrorCode::kUsage, field + " is missing.", {.field = field});
  }
}

}  // namespace millrace::pipeline
