#include "support/secret.hpp"

#include <cctype>
#include <cstring>
#include <regex>

namespace millrace {
namespace {

constexpr std::string_view kHidden = "***";
constexpr std::size_t kShort = 4;

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

bool stands_alone(const std::string& text, std::size_t at, std::size_t length) {
  const bool left = at == 0 || !is_word(text[at - 1]);
  const bool right = at + length >= text.size() || !is_word(text[at + length]);
  return left && right;
}

}  // namespace

Secret& Secret::operator=(const Secret& other) {
  if (this != &other) {
    wipe();
    text_ = other.text_;
  }
  return *this;
}

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this != &other) {
    wipe();
    text_ = std::move(other.text_);
    other.wipe();
  }
  return *this;
}

void Secret::wipe() noexcept {
  if (!text_.empty()) explicit_bzero(text_.data(), text_.size());
  text_.clear();
}

std::string redact(std::string text, const Secret& secret) {
  if (secret.empty()) return text;
  const std::string& needle = secret.reveal();
  std::size_t at = 0;
  while ((at = text.find(needle, at)) != std::string::npos) {
    if (needle.size() >= kShort || stands_alone(text, at, needle.size())) {
      text.replace(at, needle.size(), kHidden);
      at += kHidden.size();
    } else {
      at += needle.size();
    }
  }
  return text;
}

std::string redact_urls(std::string text) {
  static const std::regex password(R"(([A-Za-z][A-Za-z0-9+.-]*://[^\s/:@]*):[^\s/]*@)");
  return std::regex_replace(text, password, "$1:***@");
}

}  // namespace millrace
