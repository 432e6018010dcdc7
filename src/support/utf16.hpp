#pragma once

#include <string>
#include <string_view>

namespace millrace {

/// UTF-8 to UTF-16 without a byte order mark. Throws Error kUsage when `text` is not valid UTF-8: nothing is
/// replaced in silence on its way to the server.
std::u16string to_utf16(std::string_view text);

/// UTF-16 to UTF-8. A lone surrogate, which SQL Server lets a column hold, becomes U+FFFD.
std::string to_utf8(std::u16string_view text);

/// Characters of a UTF-8 text, as JSON Schema's maxLength counts them.
std::size_t characters(std::string_view utf8);

}  // namespace millrace
