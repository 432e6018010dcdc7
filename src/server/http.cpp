#include "server/http.hpp"

#include <optional>

namespace millrace::server {
namespace {

int hex(char digit) {
  constexpr int kTen = 10;
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + kTen;
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + kTen;
  return -1;
}

/// The value of `name` in "a=1<separator>b=2".
std::optional<std::string> pick(const std::string& text, char separator, const std::string& name) {
  std::size_t begin = 0;
  while (begin <= text.size()) {
    auto end = text.find(separator, begin);
    if (end == std::string::npos) end = text.size();
    while (begin < end && text[begin] == ' ') ++begin;
    const auto equals = text.find('=', begin);
    if (equals < end && text.compare(begin, equals - begin, name) == 0) {
      return text.substr(equals + 1, end - equals - 1);
    }
    begin = end + 1;
  }
  return std::nullopt;
}

}  // namespace

bool percent_decode(const std::string& text, std::string& decoded) {
  constexpr int kNibble = 16;
  decoded.clear();
  for (std::size_t i = 0; i < text.size(); ++i) {
    char byte = text[i];
    if (byte == '%') {
      if (i + 2 >= text.size()) return false;
      const int high = hex(text[i + 1]);
      const int low = hex(text[i + 2]);
      if (high < 0 || low < 0) return false;
      byte = static_cast<char>(high * kNibble + low);
      i += 2;
    }
    if (byte == '\0') return false;
    decoded.push_back(byte);
  }
  return true;
}

std::string Request::header(const std::string& name) const {
  for (const auto& [key, value] : headers) {
    if (key == name) return value;
  }
  return "";
}

std::optional<std::string> Request::given(const std::string& name) const {
  const auto value = pick(query, '&', name);
  if (!value) return std::nullopt;
  std::string decoded;
  return percent_decode(*value, decoded) ? decoded : "";
}

std::string Request::parameter(const std::string& name) const {
  return given(name).value_or("");
}

std::string Request::cookie(const std::string& name) const {
  return pick(header("cookie"), ';', name).value_or("");
}

}  // namespace millrace::server
