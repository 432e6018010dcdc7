#pragma once

#include <nlohmann/json_fwd.hpp>

#include "pipeline/spec.hpp"

namespace millrace::cli {

/// What `get -o yaml` shows and `apply` takes: a spec's document (pipeline/spec_json.hpp) with the section of its own
/// engine alone, what matters most first.
nlohmann::ordered_json settings_document(const pipeline::PipelineSpec& spec, bool with_secrets);

}  // namespace millrace::cli
