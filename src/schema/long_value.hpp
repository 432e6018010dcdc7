#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>

#include "support/mapped_bytes.hpp"

namespace millrace::schema {

/// A value too long to stand in memory: where the source's bytes lie, and how the target's are made of them.
struct LongValue {
  enum class Form : std::uint8_t {
    kUtf8,   ///< text: UTF-16 on the target
    kBytes,  ///< as they are
    kHex     ///< two digits a byte
  } form = Form::kBytes;
  HeldBytes source;
  std::uint64_t size = 0;  ///< bytes on the target
};

/// Looks at every byte of the source. Nothing when it has not that form.
std::optional<LongValue> long_value(LongValue::Form form, HeldBytes source);

/// Calls `visit` with the target's bytes, some hundred kilobytes at a time. Throws what the visit throws, and Error
/// kInternal when the bytes are not what long_value() saw.
void read_long_value(const LongValue& value, const std::function<void(const void* bytes, std::size_t size)>& visit);

}  // namespace millrace::schema
