#include "support/utf16.hpp"

#include <algorithm>
#include <optional>

#include "support/error.hpp"

namespace millrace {
namespace {

constexpr char32_t kReplacement = 0xFFFD;

bool is_high(char32_t unit) {
  return unit >= 0xD800 && unit <= 0xDBFF;
}
bool is_low(char32_t unit) {
  return unit >= 0xDC00 && unit <= 0xDFFF;
}

/// Bytes that follow a lead byte, or nothing for a byte that cannot lead.
std::optional<int> continuation_bytes(unsigned char lead) {
  if (lead < 0x80) return 0;
  if (lead >= 0xC2 && lead <= 0xDF) return 1;
  if (lead >= 0xE0 && lead <= 0xEF) return 2;
  if (lead >= 0xF0 && lead <= 0xF4) return 3;
  return std::nullopt;
}

/// Reads the code point at `at` and moves past it; nothing when the bytes are not valid UTF-8.
std::optional<char32_t> decode(std::string_view text, std::size_t& at) {
  const auto lead = static_cast<unsigned char>(text[at]);
  const auto more = continuation_bytes(lead);
  if (!more || at + static_cast<std::size_t>(*more) >= text.size()) return std::nullopt;
  char32_t point = *more == 0 ? lead : lead & (0x3FU >> *more);
  for (int i = 1; i <= *more; ++i) {
    const auto byte = static_cast<unsigned char>(text[at + static_cast<std::size_t>(i)]);
    if ((byte & 0xC0U) != 0x80) return std::nullopt;
    point = (point << 6U) | (byte & 0x3FU);
  }
  const bool overlong = (*more == 2 && point < 0x800) || (*more == 3 && point < 0x10000);
  if (overlong || point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF)) return std::nullopt;
  at += static_cast<std::size_t>(*more) + 1;
  return point;
}

void append_utf8(std::string& out, char32_t point) {
  if (point < 0x80) {
    out += static_cast<char>(point);
    return;
  }
  const int more = point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
  constexpr unsigned char kLead[] = {0, 0xC0, 0xE0, 0xF0};
  out += static_cast<char>(kLead[more] | (point >> (6U * static_cast<unsigned>(more))));
  for (int i = more - 1; i >= 0; --i) {
    out += static_cast<char>(0x80U | ((point >> (6U * static_cast<unsigned>(i))) & 0x3FU));
  }
}

}  // namespace

std::u16string to_utf16(std::string_view text) {
  std::u16string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t start = at;
    const auto point = decode(text, at);
    if (!point) {
      throw Error(ErrorCode::kUsage, "text for SQL Server is not valid UTF-8 at byte " + std::to_string(start));
    }
    if (*point < 0x10000) {
      out += static_cast<char16_t>(*point);
    } else {
      out += static_cast<char16_t>(0xD800 + ((*point - 0x10000) >> 10U));
      out += static_cast<char16_t>(0xDC00 + ((*point - 0x10000) & 0x3FFU));
    }
  }
  return out;
}

std::string to_utf8(std::u16string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    char32_t point = text[at];
    if (is_high(point) && at + 1 < text.size() && is_low(text[at + 1])) {
      point = 0x10000 + ((point - 0xD800) << 10U) + (text[++at] - 0xDC00U);
    } else if (is_high(point) || is_low(point)) {
      point = kReplacement;
    }
    append_utf8(out, point);
  }
  return out;
}

std::size_t characters(std::string_view utf8) {
  return static_cast<std::size_t>(
      std::count_if(utf8.begin(), utf8.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

}  // namespace millrace
