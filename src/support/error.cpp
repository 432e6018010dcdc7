#include "support/error.hpp"

#include <array>
#include <utility>

namespace millrace {
namespace {

constexpr std::array kRegistry = {
#define MILLRACE_ERROR(constant, id, http, exit, retry, meaning, suggestion) \
  ErrorInfo{ErrorCode::constant, id, http, exit, RetryClass::retry, meaning, suggestion},
#include "support/error_registry.def"
#undef MILLRACE_ERROR
};

}  // namespace

const ErrorInfo& error_info(ErrorCode code) {
  return kRegistry.at(static_cast<std::size_t>(code));
}

std::span<const ErrorInfo> error_registry() {
  return kRegistry;
}

Error::Error(ErrorCode code, std::string message, ErrorContext context)
    : code_(code), message_(std::move(message)), context_(std::move(context)) {}

Error& Error::suggest(std::string suggestion) {
  suggestion_ = std::move(suggestion);
  return *this;
}

Error& Error::because(std::string cause) {
  cause_ = std::move(cause);
  return *this;
}

Error& Error::note(std::string line) {
  notes_.push_back(std::move(line));
  return *this;
}

std::string Error::suggestion() const {
  return suggestion_.empty() ? std::string(info().suggestion) : suggestion_;
}

}  // namespace millrace
