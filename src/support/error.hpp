#pragma once

#include <exception>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace millrace {

/// Every error a user can meet; the rows are in support/error_registry.def.
enum class ErrorCode {
#define MILLRACE_ERROR(constant, id, http, exit, retry, meaning, suggestion) constant,
#include "support/error_registry.def"
#undef MILLRACE_ERROR
};

/// never: the same request fails the same way; manual: somebody must change something; timed: worth trying again.
enum class RetryClass { kNever, kManual, kTimed };

/// One row of the registry. The views live as long as the program.
struct ErrorInfo {
  ErrorCode code;
  std::string_view id;
  int http_status;
  int exit_code;
  RetryClass retry;
  std::string_view meaning;
  std::string_view suggestion;
};

/// The registry's row of `code`.
const ErrorInfo& error_info(ErrorCode code);
/// All rows, in the registry's order.
std::span<const ErrorInfo> error_registry();

/// Where an error happened. Empty members are unknown. Never holds a secret.
struct ErrorContext {
  std::string pipeline;
  std::string table;
  std::string column;
  std::string field;  ///< the option or request field to blame, e.g. "source.password"
  std::string lsn;
};

/// The one exception type of Millrace. Thrown by value, caught by const reference.
/// The message must be free of secrets: it is shown, logged and stored.
class Error : public std::exception {
 public:
  explicit Error(ErrorCode code, std::string message, ErrorContext context = {});

  /// Replaces the registry's suggestion by one that fits the case.
  Error& suggest(std::string suggestion);
  /// Names what lies behind: another system's message or a nested error's text.
  Error& because(std::string cause);
  /// Adds a line below the error, e.g. what was removed after a failed create.
  Error& note(std::string line);

  ErrorCode code() const noexcept { return code_; }
  const ErrorInfo& info() const { return error_info(code_); }
  bool retriable() const { return info().retry == RetryClass::kTimed; }
  const std::string& message() const noexcept { return message_; }
  const ErrorContext& context() const noexcept { return context_; }
  const std::string& cause() const noexcept { return cause_; }
  const std::vector<std::string>& notes() const noexcept { return notes_; }
  std::string suggestion() const;
  const char* what() const noexcept override { return message_.c_str(); }

 private:
  ErrorCode code_;
  std::string message_;
  ErrorContext context_;
  std::string suggestion_;
  std::string cause_;
  std::vector<std::string> notes_;
};

}  // namespace millrace
