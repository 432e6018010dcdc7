#include <fmt/format.h>

#include <algorithm>

#include "schema/encode_column.hpp"

namespace millrace::schema {
namespace {

// The binary form (PostgreSQL source, numeric_send): the number of digits in base 10,000, the power of 10,000 of the
// first one, the sign, the digits behind the point to be shown, and the digits.
constexpr std::size_t kHeaderBytes = 8;
constexpr int kGroupDigits = 4;
constexpr int kGroup = 10000;
constexpr unsigned kPositive = 0x0000;
constexpr unsigned kNegative = 0x4000;
constexpr unsigned kNan = 0xC000;
constexpr unsigned kInfinity = 0xD000;
constexpr unsigned kMinusInfinity = 0xF000;

struct Header {
  int groups;
  int weight;
  unsigned sign;
  int shown;
};

int decimal_digits(int group) {
  return group >= 1000 ? 4 : group >= 100 ? 3 : group >= 10 ? 2 : group >= 1 ? 1 : 0;
}

int group_at(std::string_view digits, int index) {
  return load<std::uint16_t>(digits.data() + 2 * index);
}

class NumericEncoder final : public CellEncoder {
 public:
  explicit NumericEncoder(EncodeColumn column) : column_(std::move(column)), as_integer_(is_integer(column_.kind)) {
    precision_ = as_integer_ ? kInt64Digits : column_.precision;
    scale_ = as_integer_ ? 0 : column_.scale;
  }

  void encode(WireFormat format, std::string_view value, Cell& cell) const override {
    cell.null = false;
    if (format == WireFormat::kText) {
      if (column_.kind == CellKind::kText) return store_text(column_, value, cell);
      return from_text(value, cell);
    }
    if (value.size() < kHeaderBytes) refuse_bytes(column_, format);
    const Header header{load<std::uint16_t>(value.data()), load<std::int16_t>(value.data() + 2),
                        load<std::uint16_t>(value.data() + 4), load<std::uint16_t>(value.data() + 6)};
    value.remove_prefix(kHeaderBytes);
    if (value.size() != 2 * static_cast<std::size_t>(header.groups)) refuse_bytes(column_, format);
    if (header.sign == kNan) return special("NaN", cell);
    if (header.sign == kInfinity) return special("Infinity", cell);
    if (header.sign == kMinusInfinity) return special("-Infinity", cell);
    if (header.sign != kPositive && header.sign != kNegative) refuse_bytes(column_, format);
    for (int i = 0; i < header.groups; ++i) {
      if (group_at(value, i) >= kGroup) refuse_bytes(column_, format);
    }
    if (column_.kind == CellKind::kText) return print(header, value, cell);
    from_groups(header, value, cell);
  }

 private:
  static constexpr int kInt64Digits = 19;

  void special(std::string_view word, Cell& cell) const {
    if (column_.kind == CellKind::kText) return store_ascii(column_, word, cell);
    if (word == "NaN" || column_.policy != ValuePolicy::kClamp) {
      return no_place(column_, word == "NaN" ? "NaN" : "infinity", cell);
    }
    largest(word[0] == '-', cell);
  }

  void largest(bool negative, Cell& cell) const {
    if (as_integer_) {
      cell.integer = negative ? lowest(column_.kind) : highest(column_.kind);
      return;
    }
    cell.negative = negative;
    cell.magnitude = kPowersOfTen[static_cast<std::size_t>(precision_)] - 1;
  }

  void too_large(int digits, bool negative, Cell& cell) const {
    if (column_.policy == ValuePolicy::kClamp) return largest(negative, cell);
    no_place(column_, fmt::format("a number of {} digits before the point", digits), cell);
  }

  /// Clamping would be rounding here, which nobody asked for.
  void too_fine(Cell& cell) const {
    no_place(column_, fmt::format("a number of more than {} digits behind the point", scale_), cell);
  }

  void store(bool negative, Uint128 magnitude, Cell& cell) const {
    if (!as_integer_) {
      cell.negative = negative && magnitude != 0;
      cell.magnitude = magnitude;
      return;
    }
    constexpr Uint128 kLimit = Uint128{1} << 63;
    if (magnitude > kLimit - (negative ? 0 : 1)) return too_large(kInt64Digits, negative, cell);
    const auto bits = static_cast<std::uint64_t>(magnitude);
    store_integer(column_, static_cast<std::int64_t>(negative ? 0 - bits : bits), cell);
  }

  void from_groups(const Header& header, std::string_view digits, Cell& cell) const {
    int first = 0;
    while (first < header.groups && group_at(digits, first) == 0) ++first;
    int last = header.groups;
    while (last > first && group_at(digits, last - 1) == 0) --last;
    if (first == last) return store(false, 0, cell);
    const bool negative = header.sign == kNegative;
    const int whole = kGroupDigits * (header.weight - first) + decimal_digits(group_at(digits, first));
    if (whole > precision_ - scale_) return too_large(whole, negative, cell);
    // The last group's unit as a power of ten of the column's unit; below zero its last digits must be zeros.
    const int power = kGroupDigits * (header.weight - last + 1) + scale_;
    if (power <= -kGroupDigits) return too_fine(cell);
    Uint128 magnitude = 0;
    for (int i = first; i < last - 1; ++i) magnitude = magnitude * kGroup + static_cast<unsigned>(group_at(digits, i));
    const int final_group = group_at(digits, last - 1);
    if (power >= 0) {
      magnitude = magnitude * kGroup + static_cast<unsigned>(final_group);
      magnitude *= kPowersOfTen[static_cast<std::size_t>(power)];
    } else {
      const auto unit = static_cast<int>(kPowersOfTen[static_cast<std::size_t>(-power)]);
      if (final_group % unit != 0) return too_fine(cell);
      magnitude = magnitude * static_cast<unsigned>(kGroup / unit) + static_cast<unsigned>(final_group / unit);
    }
    store(negative, magnitude, cell);
  }

  void from_text(std::string_view text, Cell& cell) const {
    if (text == "NaN" || text == "Infinity" || text == "-Infinity") return special(text, cell);
    const bool negative = text.starts_with('-');
    if (negative) text.remove_prefix(1);
    const auto point = std::min(text.find('.'), text.size());
    auto whole = text.substr(0, point);
    auto fraction = text.substr(std::min(point + 1, text.size()));
    if (whole.empty() || !all_digits(whole) || !all_digits(fraction)) refuse_bytes(column_, WireFormat::kText);
    while (!whole.empty() && whole[0] == '0') whole.remove_prefix(1);
    if (static_cast<int>(whole.size()) > precision_ - scale_) {
      return too_large(static_cast<int>(std::min<std::size_t>(whole.size(), 1000000)), negative, cell);
    }
    while (!fraction.empty() && fraction.back() == '0') fraction.remove_suffix(1);
    if (static_cast<int>(fraction.size()) > scale_) return too_fine(cell);
    Uint128 magnitude = append_digits(append_digits(0, whole), fraction);
    magnitude *= kPowersOfTen[static_cast<std::size_t>(scale_) - fraction.size()];
    store(negative, magnitude, cell);
  }

  static bool all_digits(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  }

  /// Eighteen digits at a time fit 64 bits, which are faster.
  static Uint128 append_digits(Uint128 magnitude, std::string_view digits) {
    constexpr std::size_t kChunk = 18;
    while (!digits.empty()) {
      const auto size = std::min(digits.size(), kChunk);
      std::uint64_t chunk = 0;
      for (std::size_t i = 0; i < size; ++i) chunk = chunk * 10 + static_cast<unsigned>(digits[i] - '0');
      magnitude = magnitude * kPowersOfTen[size] + chunk;
      digits.remove_prefix(size);
    }
    return magnitude;
  }

  /// As numeric_out: all digits before the point, and as many behind it as the value's display scale.
  void print(const Header& header, std::string_view digits, Cell& cell) const {
    const auto group = [&](int power) {  // the group of 10,000^power
      const int index = header.weight - power;
      return index >= 0 && index < header.groups ? group_at(digits, index) : 0;
    };
    std::string text;
    if (header.sign == kNegative) text += '-';
    if (header.weight < 0) {
      text += '0';
    } else {
      text += std::to_string(group(header.weight));
      for (int power = header.weight - 1; power >= 0; --power) text += fmt::format("{:04}", group(power));
    }
    if (header.shown > 0) {
      text += '.';
      const auto end = text.size() + static_cast<std::size_t>(header.shown);
      for (int power = -1; text.size() < end; --power) text += fmt::format("{:04}", group(power));
      text.resize(end);
    }
    store_ascii(column_, text, cell);
  }

  EncodeColumn column_;
  bool as_integer_;
  int precision_;
  int scale_;
};

}  // namespace

std::unique_ptr<CellEncoder> numeric_encoder(EncodeColumn column) {
  if (!is_integer(column.kind) && column.kind != CellKind::kDecimal && column.kind != CellKind::kText) return nullptr;
  return std::make_unique<NumericEncoder>(std::move(column));
}

}  // namespace millrace::schema
