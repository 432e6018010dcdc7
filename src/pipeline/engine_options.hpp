#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "pipeline/spec.hpp"

namespace millrace::pipeline {

/// The error for an option that has no effect with the chosen engine. `option` as the user wrote it: "--sink",
/// "kafka_connect.sink"; `field` its place in the document.
[[noreturn]] void refuse_other_engines_option(const std::string& option, const std::string& field, EngineKind chosen);

/// Throws Error kUsage that names the first option of a user's document which belongs to another engine than the
/// chosen one: it would be without effect, and a user who does not notice has another pipeline than was meant. Stored
/// documents hold the options of all engines and are not for this.
void refuse_other_engines_options(const nlohmann::json& document, EngineKind chosen);

}  // namespace millrace::pipeline
