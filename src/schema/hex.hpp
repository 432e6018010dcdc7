#pragma once

namespace millrace::schema {

constexpr int kNoDigit = -1;

inline int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return kNoDigit;
}

/// Two hex digits; negative when they are none.
inline int hex_byte(const char* at) {
  const int high = hex_digit(at[0]);
  const int low = hex_digit(at[1]);
  return high == kNoDigit || low == kNoDigit ? kNoDigit : high * 16 + low;
}

}  // namespace millrace::schema
