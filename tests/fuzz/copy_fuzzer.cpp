// A COPY BINARY stream behind one byte, its number of columns. Rows and outcome must not depend on where the chunks are
// cut: at once, in two halves, byte by byte.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pgoutput/copy_decoder.hpp"
#include "support/error.hpp"

namespace {

using namespace millrace;

struct Outcome {
  std::vector<std::optional<std::string>> fields;
  std::size_t rows = 0;
  bool finished = false;
  std::string error;

  bool operator==(const Outcome&) const = default;
};

// Feeds chunks of `chunk` bytes, each from memory of its own.
Outcome decode(std::size_t columns, std::string_view input, std::size_t chunk) {
  Outcome outcome;
  pgoutput::CopyDecoder decoder(columns);
  pgoutput::Tuple row;
  try {
    for (std::size_t at = 0; at < input.size(); at += chunk) {
      const std::string_view piece = input.substr(at, chunk);
      const std::vector<char> memory(piece.begin(), piece.end());
      decoder.feed({memory.data(), memory.size()});
      while (decoder.next(row)) {
        if (row.size() != columns) std::abort();
        ++outcome.rows;
        for (const pgoutput::Field& field : row) {
          const bool null = field.kind == pgoutput::FieldKind::kNull;
          outcome.fields.push_back(null ? std::nullopt : std::make_optional(std::string(field.value)));
        }
      }
    }
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kProtocol) std::abort();
    outcome.error = error.message();
  }
  outcome.finished = decoder.finished();
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t columns = data[0];
  const std::string_view input(reinterpret_cast<const char*>(data + 1), size - 1);
  const Outcome whole = decode(columns, input, std::max<std::size_t>(input.size(), 1));
  if (whole != decode(columns, input, (input.size() + 2) / 2)) std::abort();
  if (whole != decode(columns, input, 1)) std::abort();
  return 0;
}
