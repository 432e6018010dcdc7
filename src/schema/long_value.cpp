#include "schema/long_value.hpp"

#include <algorithm>
#include <string>
#include <string_view>

#include "schema/cell_utf16.hpp"
#include "schema/hex.hpp"
#include "support/error.hpp"

namespace millrace::schema {
namespace {

/// UTF-8 piece by piece, each of whole characters. False: it is none.
template <typename Visit>
bool utf16_pieces(HeldBytes source, Visit&& visit) {
  constexpr std::size_t kPiece = std::size_t{256} << 10U;
  std::u16string units;
  for (auto rest = source.view; !rest.empty();) {
    auto size = std::min(kPiece, rest.size());
    // The next piece must begin with a character: at most three bytes go on with one.
    while (size > 0 && size < rest.size() && (static_cast<unsigned char>(rest[size]) & 0xC0U) == 0x80U) --size;
    const auto piece = rest.substr(0, size);
    units.clear();
    if (size == 0 || !append_utf16(piece, units)) return false;
    visit(std::u16string_view(units));
    if (source.mapped != nullptr) source.mapped->release(piece);
    rest.remove_prefix(size);
  }
  return true;
}

/// Pieces have an even length, as the value has.
template <typename Visit>
bool hex_pieces(HeldBytes source, Visit&& visit) {
  std::string bytes;
  return in_pieces(source.view, source.mapped, [&](std::string_view piece) {
    bytes.clear();
    for (std::size_t i = 0; i + 1 < piece.size(); i += 2) {
      const int byte = hex_byte(piece.data() + i);
      if (byte < 0) return false;
      bytes += static_cast<char>(byte);
    }
    visit(std::string_view(bytes));
    return true;
  });
}

}  // namespace

std::optional<LongValue> long_value(LongValue::Form form, HeldBytes source) {
  LongValue value{form, source, source.view.size()};
  const auto nothing = [](std::string_view) {};
  switch (form) {
    case LongValue::Form::kUtf8:
      value.size = 0;
      if (!utf16_pieces(source, [&](std::u16string_view units) { value.size += units.size() * sizeof(char16_t); })) {
        return std::nullopt;
      }
      break;
    case LongValue::Form::kHex:
      if (source.view.size() % 2 != 0 || !hex_pieces(source, nothing)) return std::nullopt;
      value.size = source.view.size() / 2;
      break;
    case LongValue::Form::kBytes:
      break;
  }
  return value;
}

void read_long_value(const LongValue& value, const std::function<void(const void*, std::size_t)>& visit) {
  const auto give = [&](std::string_view bytes) {
    visit(bytes.data(), bytes.size());
    return true;
  };
  bool good = true;
  switch (value.form) {
    case LongValue::Form::kUtf8:
      good = utf16_pieces(value.source,
                          [&](std::u16string_view units) { visit(units.data(), units.size() * sizeof(char16_t)); });
      break;
    case LongValue::Form::kHex:
      good = hex_pieces(value.source, give);
      break;
    case LongValue::Form::kBytes:
      good = in_pieces(value.source.view, value.source.mapped, give);
      break;
  }
  if (!good) throw Error(ErrorCode::kInternal, "A long value is not what it was.");
}

}  // namespace millrace::schema
