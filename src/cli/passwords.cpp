#include "cli/passwords.hpp"

#include <termios.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iostream>

#include "support/error.hpp"

namespace millrace::cli {
namespace {

class EchoOff {
 public:
  EchoOff() {
    if (tcgetattr(STDIN_FILENO, &before_) != 0) return;
    termios quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    changed_ = tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet) == 0;
  }
  ~EchoOff() {
    if (changed_) tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }
  EchoOff(const EchoOff&) = delete;
  EchoOff& operator=(const EchoOff&) = delete;

 private:
  termios before_{};
  bool changed_ = false;
};

std::string first_line(std::istream& in) {
  std::string line;
  std::getline(in, line);
  if (!line.empty() && line.back() == '\r') line.pop_back();
  return line;
}

Secret from_file(const PasswordSource& source) {
  if (source.file == "-") return Secret(first_line(std::cin));
  std::ifstream file(source.file);
  if (!file) {
    throw Error(ErrorCode::kUsage, "The password file " + source.file + " cannot be read.", {.field = source.field});
  }
  return Secret(first_line(file));
}

Secret from_prompt(const PasswordSource& source) {
  Secret secret;
  {
    // Before the prompt: what is typed, or sent by a program, as soon as it shows must be neither seen nor flushed
    // away.
    const EchoOff quiet;
    std::cerr << source.label << ": " << std::flush;
    secret = Secret(first_line(std::cin));
  }
  std::cerr << '\n';
  return secret;
}

}  // namespace

Secret find_optional_secret(const Secret& given, const PasswordSource& source) {
  if (!given.empty()) return given;
  if (!source.file.empty()) return from_file(source);
  if (const char* value = std::getenv(source.environment.c_str()); value != nullptr && *value != '\0') {
    return Secret(value);
  }
  if (source.prompt && isatty(STDIN_FILENO) != 0) return from_prompt(source);
  return {};
}

Secret find_password(const Secret& given, const PasswordSource& source) {
  Secret secret = find_optional_secret(given, source);
  if (!secret.empty()) return secret;
  throw Error(ErrorCode::kSecretMissing, "No " + source.field + " was given.", {.field = source.field})
      .suggest("Set " + source.environment + ", use --" + source.field.substr(0, source.field.find('.')) +
               "-password-file FILE, or run on a terminal to be asked.");
}

}  // namespace millrace::cli
