#pragma once

#include <CLI/App.hpp>
#include <memory>
#include <string>
#include <vector>

#include "pipeline/spec.hpp"

namespace millrace::cli {

/// The options that describe a pipeline, shared by `create` and `plan`. File first, options over it, then passwords
/// from files, environment and prompt.
class SpecOptions {
 public:
  explicit SpecOptions(CLI::App& command);
  ~SpecOptions();

  /// Throws Error kUsage, kSecretMissing.
  pipeline::PipelineSpec spec() const;

 private:
  struct Values;
  std::unique_ptr<Values> values_;
};

/// Files with passwords in their first lines; "-" is standard input.
struct PasswordFiles {
  std::string source;
  std::string target;
  std::string connect;
  std::string connect_token;
};

/// Finds the passwords that a spec has not: in files, the environment, or by asking on a terminal. Throws Error
/// kSecretMissing, kUsage.
void complete_passwords(pipeline::PipelineSpec& spec, const PasswordFiles& files, bool may_ask);

}  // namespace millrace::cli
