#include "store/page.hpp"

#include <algorithm>

#include "security/random.hpp"
#include "support/error.hpp"

namespace millrace::store {
namespace {

constexpr int kLargestPage = 1000;
constexpr char kDivider = '\n';
constexpr std::size_t kLongestCursor = 2048;

Error foreign() {
  return Error(ErrorCode::kUsage, "The page token is not one that was given out.", {.field = "pageToken"});
}

}  // namespace

std::string encode_cursor(const std::vector<std::string>& parts) {
  std::string text;
  for (const auto& part : parts) {
    text += std::to_string(part.size());
    text += kDivider;
    text += part;
  }
  return security::to_base64url(text);
}

std::vector<std::string> decode_cursor(const std::string& cursor, std::size_t parts) {
  if (cursor.size() > kLongestCursor) throw foreign();
  const auto text = security::from_base64url(cursor);
  if (!text) throw foreign();
  std::vector<std::string> out;
  std::size_t at = 0;
  while (at < text->size()) {
    const auto divider = text->find(kDivider, at);
    if (divider == std::string::npos || divider == at || divider - at > 5) throw foreign();
    std::size_t length = 0;
    for (std::size_t i = at; i < divider; ++i) {
      const char digit = (*text)[i];
      if (digit < '0' || digit > '9') throw foreign();
      length = length * 10 + static_cast<std::size_t>(digit - '0');
    }
    if (length > text->size() - divider - 1) throw foreign();
    out.push_back(text->substr(divider + 1, length));
    if (out.back().find('\0') != std::string::npos) throw foreign();
    at = divider + 1 + length;
  }
  if (out.size() != parts) throw foreign();
  return out;
}

std::int64_t decode_number_cursor(const std::string& cursor) {
  return cursor_number(decode_cursor(cursor, 1).front());
}

std::int64_t cursor_number(const std::string& part) {
  const bool negative = part.starts_with('-');
  const std::string digits = part.substr(negative ? 1 : 0);
  if (digits.empty() || digits.size() > 18 || digits.find_first_not_of("0123456789") != std::string::npos) {
    throw foreign();
  }
  const std::int64_t value = std::stoll(digits);
  return negative ? -value : value;
}

int page_size(const PageRequest& request) {
  return std::clamp(request.size, 1, kLargestPage);
}

}  // namespace millrace::store
