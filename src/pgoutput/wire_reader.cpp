#include "pgoutput/wire_reader.hpp"

#include <fmt/format.h>

#include "support/error.hpp"

namespace millrace::pgoutput {

std::string_view WireReader::string() {
  const auto* zero = left() == 0 ? nullptr : static_cast<const char*>(std::memchr(at_, '\0', left()));
  if (zero == nullptr) fail("a text has no end");
  const std::string_view text(at_, static_cast<std::size_t>(zero - at_));
  at_ = zero + 1;
  return text;
}

void WireReader::fail(std::string_view what) const {
  throw Error(ErrorCode::kProtocol, fmt::format("{}, byte {}: {}.", subject_, offset(), what));
}

void WireReader::fail_letter(std::string_view what, char letter) const {
  fail(fmt::format("{} 0x{:02x} is not known", what, static_cast<unsigned char>(letter)));
}

void WireReader::fail_short(std::size_t wanted) const {
  fail(fmt::format("{} bytes were expected, {} are left", wanted, left()));
}

void WireReader::fail_length(std::uint32_t size) const {
  fail(fmt::format("a value of {} bytes was announced, {} are left", static_cast<std::int32_t>(size), left()));
}

void WireReader::fail_rest() const {
  fail(fmt::format("{} bytes too many", left()));
}

}  // namespace millrace::pgoutput
