#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "message_bytes.hpp"

/// Bytes of COPY .. (FORMAT binary) for tests (docs/formats/copy_binary.md).
namespace millrace::pgoutput::bytes {

inline std::string copy_header(std::uint32_t flags = 0, std::string_view extension = {}) {
  Writer out('P');
  out.byte('G').byte('C').byte('O').byte('P').byte('Y').byte('\n').byte(0xff).byte('\r').byte('\n').byte(0);
  return out.number(flags).counted(extension).take();
}
inline std::string copy_row(const Tuple& fields) {
  Writer out('\0');
  out.number(static_cast<std::uint16_t>(fields.size()));
  for (const Field& field : fields) {
    if (field.kind == FieldKind::kNull) {
      out.number(std::int32_t{-1});
    } else {
      out.counted(field.value);
    }
  }
  return out.take().substr(1);
}
inline std::string copy_trailer() {
  return "\xff\xff";
}

}  // namespace millrace::pgoutput::bytes
