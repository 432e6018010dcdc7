#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include "schema/text_out.hpp"
#include "support/mapped_bytes.hpp"

namespace millrace::schema {

/// A value too long to stand in memory: where the source's bytes lie, and how the target's are made of them.
struct LongValue {
  enum class Form : std::uint8_t {
    kUtf8,   ///< text: UTF-16 on the target
    kBytes,  ///< as they are
    kHex,    ///< two digits a byte
    kMade    ///< text that `make` makes of them
  } form = Form::kBytes;
  HeldBytes source;
  /// Appends UTF-8; false when the source's bytes are no value. Called more than once.
  std::function<bool(std::string_view source, TextOut& out)> make = {};
  std::uint64_t size = 0;  ///< bytes on the target
};

/// Looks at every byte of the source. Nothing when it has not that form.
std::optional<LongValue> long_value(LongValue::Form form, HeldBytes source);
/// The same of kMade.
std::optional<LongValue> made_text(HeldBytes source, std::function<bool(std::string_view, TextOut&)> make);

/// Calls `visit` with the target's bytes, some hundred kilobytes at a time. Throws what the visit throws, and Error
/// kInternal when the bytes are not what long_value() saw.
void read_long_value(const LongValue& value, const std::function<void(const void* bytes, std::size_t size)>& visit);

}  // namespace millrace::schema
