#pragma once

#include <CLI/App.hpp>
#include <memory>
#include <string>
#include <vector>

#include "cli/named_connections.hpp"
#include "pipeline/spec.hpp"

namespace millrace::cli {

/// The options that describe a pipeline, shared by `create` and `plan`. File first, options over it, then passwords
/// from files, environment and prompt.
class SpecOptions {
 public:
  explicit SpecOptions(CLI::App& command);
  ~SpecOptions();

  /// `find` looks up saved connections that are named in place of credentials. Throws Error kUsage, kSecretMissing, and
  /// what `find` does.
  pipeline::PipelineSpec spec(const FindConnection& find) const;

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

/// Finds the passwords that a spec has not: in files, the environment, or by asking on a terminal; that of a side which
/// comes from a saved connection stays there. Throws Error
/// kSecretMissing, kUsage.
void complete_passwords(pipeline::PipelineSpec& spec, const PasswordFiles& files, bool may_ask);

}  // namespace millrace::cli
