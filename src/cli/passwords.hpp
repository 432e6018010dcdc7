#pragma once

#include <string>

#include "support/secret.hpp"

namespace millrace::cli {

/// Where a password may come from, in this order: what a URL or the spec file gave, a file (first line), an
/// environment variable, a prompt on the terminal (only when `prompt`).
struct PasswordSource {
  std::string label;        ///< for the prompt: "Password of cdc_user at host:5432"
  std::string field;        ///< for errors: "source.password"
  std::string file;         ///< path; "-" reads standard input; empty: none
  std::string environment;  ///< variable name
  bool prompt = true;
};

/// Throws Error kSecretMissing naming the ways, kUsage when the file cannot be read.
Secret find_password(const Secret& given, const PasswordSource& source);

/// The optional kind: nothing found gives an empty secret.
Secret find_optional_secret(const Secret& given, const PasswordSource& source);

}  // namespace millrace::cli
