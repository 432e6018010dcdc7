// A stream of replication messages, each behind its length in two bytes. The decoder must refuse what is no message,
// and what it takes must be written again as the very same bytes: so no byte is skipped, doubled or invented.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "pgoutput/decoder.hpp"
#include "support/error.hpp"
#include "unit/pgoutput/message_bytes.hpp"

namespace {

using namespace millrace;

// A position and a time of zero are written as the short form.
bool is_abort_of_zeroes(std::string_view bytes, std::string_view written) {
  return bytes.front() == 'A' && bytes.size() == written.size() + 16 &&
         bytes.substr(written.size()).find_first_not_of('\0') == std::string_view::npos;
}

// False when the message was refused.
bool check(pgoutput::Decoder& decoder, pgoutput::Message& message, std::string_view bytes) {
  // Memory of its exact size: AddressSanitizer sees a read behind it.
  const std::unique_ptr<char[]> memory(new char[bytes.size()]);
  bytes.copy(memory.get(), bytes.size());
  try {
    decoder.decode({memory.get(), bytes.size()}, message);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kProtocol) std::abort();
    return false;
  }
  const std::string written = pgoutput::bytes::encode(message);
  if (written != bytes && !is_abort_of_zeroes(bytes, written)) std::abort();
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view input(reinterpret_cast<const char*>(data), size);
  pgoutput::Decoder decoder;
  pgoutput::Message message;
  while (input.size() >= 2) {
    const std::size_t length = static_cast<std::uint8_t>(input[0]) * 256U + static_cast<std::uint8_t>(input[1]);
    const std::string_view bytes = input.substr(2, length);
    if (!check(decoder, message, bytes)) return 0;
    input.remove_prefix(2 + bytes.size());
  }
  return 0;
}
