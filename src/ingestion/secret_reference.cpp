#include "ingestion/secret_reference.hpp"

#include "support/error.hpp"

namespace millrace::ingestion {
namespace {

using pipeline::SecretMode;

const std::string& required(const std::string& value, const char* option) {
  if (value.empty()) {
    const std::string field = std::string("kafka_connect.secrets.") + option;
    throw Error(ErrorCode::kUsage, field + " is missing.", {.field = field});
  }
  return value;
}

std::string provider(const pipeline::SecretOptions& options, const char* otherwise) {
  return options.provider.empty() ? otherwise : options.provider;
}

}  // namespace

bool passwords_inline(const pipeline::PipelineSpec& spec) {
  const auto mode = spec.kafka.secrets.mode;
  return mode == SecretMode::kInline || mode == SecretMode::kAuto;
}

std::string password_text(const pipeline::PipelineSpec& spec, PasswordOf which) {
  const auto& options = spec.kafka.secrets;
  const bool source = which == PasswordOf::kSource;
  const auto& path = source ? options.source_path : options.target_path;
  const auto& key = source ? options.source_key : options.target_key;
  const char* path_option = source ? "source_path" : "target_path";
  const char* key_option = source ? "source_key" : "target_key";
  switch (options.mode) {
    case SecretMode::kFile:
      return "${" + provider(options, "file") + ":" + required(path, path_option) + ":" + required(key, key_option) +
             "}";
    case SecretMode::kDir:
      return "${" + provider(options, "dir") + ":" + required(path, path_option) + ":" + required(key, key_option) +
             "}";
    case SecretMode::kEnv:
      return "${" + provider(options, "env") + ":" + required(key, key_option) + "}";
    case SecretMode::kAuto:
    case SecretMode::kInline:
      break;
  }
  return source ? spec.source.password.reveal() : spec.target.password.reveal();
}

}  // namespace millrace::ingestion
