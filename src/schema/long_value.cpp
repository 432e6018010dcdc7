#include "schema/long_value.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "schema/cell_utf16.hpp"
#include "schema/hex.hpp"
#include "support/error.hpp"

namespace millrace::schema {
namespace {

/// Of `text`, which may end within a character: the bytes in front of that.
std::size_t whole_characters(std::string_view text) {
  constexpr std::size_t kLongest = 4;
  for (std::size_t back = 1; back < kLongest && back <= text.size(); ++back) {
    const auto byte = static_cast<unsigned char>(text[text.size() - back]);
    if ((byte & 0xC0U) == 0x80U) continue;
    const std::size_t length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1;
    return length > back ? text.size() - back : text.size();
  }
  return text.size();
}

/// Makes UTF-16 of UTF-8 that comes in pieces, which may end within a character.
template <typename Visit>
class Utf16Pieces {
 public:
  explicit Utf16Pieces(Visit& visit) : visit_(visit) {}

  /// False: it is not UTF-8.
  bool take(std::string_view piece) {
    while (!rest_.empty() && !piece.empty()) {
      // The character that was begun, byte by byte: at most three are missing.
      rest_ += piece.front();
      piece.remove_prefix(1);
      if (whole_characters(rest_) == 0) continue;
      if (!give(rest_)) return false;
      rest_.clear();
    }
    const auto whole = whole_characters(piece);
    if (!give(piece.substr(0, whole))) return false;
    rest_ += piece.substr(whole);
    return true;
  }
  bool finished() const { return rest_.empty(); }

 private:
  bool give(std::string_view text) {
    units_.clear();
    if (!append_utf16(text, units_)) return false;
    if (!units_.empty()) visit_(std::u16string_view(units_));
    return true;
  }

  Visit& visit_;
  std::string rest_;
  std::u16string units_;
};

/// The value as UTF-16. False: it is no text.
template <typename Visit>
bool utf16_pieces(HeldBytes source, Visit&& visit) {
  Utf16Pieces pieces(visit);
  return in_pieces(source.view, source.mapped, [&](std::string_view piece) { return pieces.take(piece); }) &&
         pieces.finished();
}

template <typename Visit>
bool made_pieces(const LongValue& value, Visit&& visit) {
  Utf16Pieces pieces(visit);
  const auto view = value.source.view;
  bool good = true;
  TextOut out([&](std::string_view piece) {
    good = good && pieces.take(piece);
    // What has been read of it may lie anywhere in it; what is needed again is read again.
    if (value.source.mapped != nullptr) value.source.mapped->release(view);
  });
  if (!value.make(view, out)) return false;
  out.finish();
  return good && pieces.finished();
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
  LongValue value{.form = form, .source = source, .size = source.view.size()};
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
    case LongValue::Form::kMade:
      break;
  }
  return value;
}

std::optional<LongValue> made_text(HeldBytes source, std::function<bool(std::string_view, TextOut&)> make) {
  LongValue value{.form = LongValue::Form::kMade, .source = source, .make = std::move(make)};
  if (!made_pieces(value, [&](std::u16string_view units) { value.size += units.size() * sizeof(char16_t); })) {
    return std::nullopt;
  }
  return value;
}

void read_long_value(const LongValue& value, const std::function<void(const void*, std::size_t)>& visit) {
  const auto give = [&](std::string_view bytes) {
    visit(bytes.data(), bytes.size());
    return true;
  };
  const auto give_units = [&](std::u16string_view units) { visit(units.data(), units.size() * sizeof(char16_t)); };
  bool good = true;
  switch (value.form) {
    case LongValue::Form::kUtf8:
      good = utf16_pieces(value.source, give_units);
      break;
    case LongValue::Form::kMade:
      good = made_pieces(value, give_units);
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
