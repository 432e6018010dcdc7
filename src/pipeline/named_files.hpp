#pragma once

#include <filesystem>

#include "pipeline/spec.hpp"

namespace millrace::pipeline {

// What a spec may name on the machine that it is used on, where those who write it are not those who own the machine:
// a server. Else a path would tell whether a file is there and can be read, and settings of librdkafka run programs.

/// Certificates and keys are files of `directory`, named without it or whole; the spec has them whole afterwards.
/// Nothing outside is looked at. kafka_properties are those that name no file, program or further server. Throws Error
/// kUsage with the member as its field.
void confine_files(PipelineSpec& spec, const std::filesystem::path& directory);

}  // namespace millrace::pipeline
