#include <charconv>
#include <cmath>
#include <limits>

#include "schema/encode_column.hpp"
#include "schema/encode_float_text.hpp"

namespace millrace::schema {
namespace {

/// float4 and float8: IEEE 754 in binary; in text the shortest digits that read back as the same number
/// (extra_float_digits > 0).
template <class Float, class Bits>
class FloatEncoder final : public CellEncoder {
 public:
  explicit FloatEncoder(EncodeColumn column) : column_(std::move(column)) {}

  void encode(WireFormat format, std::string_view value, Cell& cell) const override {
    if (column_.kind == CellKind::kText && format == WireFormat::kText) return store_text(column_, value, cell);
    Float number{};
    if (format == WireFormat::kBinary) {
      if (value.size() != sizeof(Float)) refuse_bytes(column_, format);
      const auto bits = load<Bits>(value.data());
      std::memcpy(&number, &bits, sizeof number);
    } else if (!parse_float(value, number)) {
      refuse_bytes(column_, format);
    }
    store(number, cell);
  }

 private:
  void store(Float number, Cell& cell) const {
    if (column_.kind == CellKind::kText) return store_ascii(column_, float_text(number), cell);
    cell.null = false;
    if (std::isnan(number)) return no_place(column_, "NaN", cell);
    const double largest =
        column_.kind == CellKind::kReal ? std::numeric_limits<float>::max() : std::numeric_limits<double>::max();
    cell.real = number;
    if (std::abs(cell.real) > largest) {
      if (column_.policy != ValuePolicy::kClamp) {
        return no_place(column_, std::isinf(number) ? "infinity" : "a number beyond its range", cell);
      }
      cell.real = std::copysign(largest, cell.real);
      return;
    }
    if (column_.kind == CellKind::kReal && static_cast<double>(static_cast<float>(cell.real)) != cell.real) {
      no_place(column_, "a number of more bits", cell);
    }
  }

  EncodeColumn column_;
};

}  // namespace

std::unique_ptr<CellEncoder> float_encoder(EncodeColumn column) {
  if (column.kind != CellKind::kReal && column.kind != CellKind::kFloat && column.kind != CellKind::kText) {
    return nullptr;
  }
  if (column.type.name == "float4") return std::make_unique<FloatEncoder<float, std::uint32_t>>(std::move(column));
  return std::make_unique<FloatEncoder<double, std::uint64_t>>(std::move(column));
}

}  // namespace millrace::schema
