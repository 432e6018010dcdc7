#include <fmt/format.h>

#include "schema/encode_column.hpp"

namespace millrace::schema {
namespace {

/// money: its cents as int8 in binary; "$1,234.50" and "-$1,234.50" in text (lc_monetary = C).
class MoneyEncoder final : public CellEncoder {
 public:
  explicit MoneyEncoder(EncodeColumn column) : column_(std::move(column)) {}

  void encode(WireFormat format, std::string_view value, Cell& cell) const override {
    if (format == WireFormat::kText) {
      if (column_.kind == CellKind::kText) return store_text(column_, value, cell);
      return store(parse(value), cell);
    }
    if (value.size() != sizeof(std::int64_t)) refuse_bytes(column_, format);
    const auto cents = load<std::int64_t>(value.data());
    if (column_.kind == CellKind::kText) return print(cents, cell);
    store(cents, cell);
  }

 private:
  static std::uint64_t size_of(std::int64_t cents) {
    return cents < 0 ? 0 - static_cast<std::uint64_t>(cents) : static_cast<std::uint64_t>(cents);
  }

  std::int64_t parse(std::string_view text) const {
    bool negative = false;
    bool fraction = false;
    int fraction_digits = 0;
    Uint128 cents = 0;
    for (const char c : text) {
      if (c == '-') {
        negative = true;
      } else if (c >= '0' && c <= '9') {
        cents = cents * 10 + static_cast<unsigned>(c - '0');
        if (fraction) ++fraction_digits;
        if (cents > Uint128{1} << 63) refuse_bytes(column_, WireFormat::kText);
      } else if (c == '.' && !fraction) {
        fraction = true;
      } else if (c != '$' && (c != ',' || fraction)) {
        refuse_bytes(column_, WireFormat::kText);
      }
    }
    if (fraction_digits != 2 || cents > (Uint128{1} << 63) - (negative ? 0 : 1)) {
      refuse_bytes(column_, WireFormat::kText);
    }
    const auto bits = static_cast<std::uint64_t>(cents);
    return static_cast<std::int64_t>(negative ? 0 - bits : bits);
  }

  void print(std::int64_t cents, Cell& cell) const {
    const auto size = size_of(cents);
    std::string whole = std::to_string(size / 100);
    for (auto at = static_cast<int>(whole.size()) - 3; at > 0; at -= 3)
      whole.insert(static_cast<std::size_t>(at), 1, ',');
    store_ascii(column_, fmt::format("{}${}.{:02}", cents < 0 ? "-" : "", whole, size % 100), cell);
  }

  void store(std::int64_t cents, Cell& cell) const {
    const auto size = size_of(cents);
    cell.null = false;
    cell.negative = cents < 0;
    if (Uint128{size / 100} >= kPowersOfTen[static_cast<std::size_t>(column_.precision - column_.scale)]) {
      if (column_.policy != ValuePolicy::kClamp) return no_place(column_, "an amount of more digits", cell);
      cell.magnitude = kPowersOfTen[static_cast<std::size_t>(column_.precision)] - 1;
      return;
    }
    const int lost = 2 - column_.scale;  // digits of the cents that the column has no room for
    if (lost > 0) {
      const auto unit = static_cast<std::uint64_t>(kPowersOfTen[static_cast<std::size_t>(lost)]);
      if (size % unit != 0) return no_place(column_, "an amount with cents", cell);
      cell.magnitude = size / unit;
    } else {
      cell.magnitude = Uint128{size} * kPowersOfTen[static_cast<std::size_t>(-lost)];
    }
  }

  EncodeColumn column_;
};

}  // namespace

std::unique_ptr<CellEncoder> money_encoder(EncodeColumn column) {
  if (column.kind != CellKind::kDecimal && column.kind != CellKind::kText) return nullptr;
  return std::make_unique<MoneyEncoder>(std::move(column));
}

}  // namespace millrace::schema
