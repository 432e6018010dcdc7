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

}  // namespace millrace::cli
