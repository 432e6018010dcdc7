#pragma once

#include <string>
#include <string_view>

namespace millrace::schema {

/// Appends UTF-8 text as UTF-16 to `out`, whose memory is kept. False when `utf8` is not valid UTF-8 (overlong forms
/// and surrogates count as invalid); `out` is then as it was.
bool append_utf16(std::string_view utf8, std::u16string& out);

}  // namespace millrace::schema
