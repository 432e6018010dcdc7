#pragma once

#include <string>

#include "pipeline/spec.hpp"

namespace millrace::ingestion {

enum class PasswordOf { kSource, kTarget };

/// What stands in a connector config for a password: ${provider:path:key} as Kafka's config providers read it
/// (KIP-297), or the password itself. Throws Error kUsage naming the secret option that is missing.
std::string password_text(const pipeline::PipelineSpec& spec, PasswordOf which);

/// True when password_text gives the password itself.
bool passwords_inline(const pipeline::PipelineSpec& spec);

}  // namespace millrace::ingestion
