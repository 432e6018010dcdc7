#include <charconv>
#include <limits>
#include <optional>

#include "schema/encode_column.hpp"

namespace millrace::schema {
namespace {

bool numeric_target(CellKind kind) {
  return is_integer(kind) || kind == CellKind::kDecimal || kind == CellKind::kReal || kind == CellKind::kFloat ||
         kind == CellKind::kText;
}

/// A whole number: int2, int4, int8 with `Wire` their signed type; oid and xid with uint32.
template <class Wire>
class IntegerEncoder final : public CellEncoder {
 public:
  explicit IntegerEncoder(EncodeColumn column) : column_(std::move(column)) {}

  void encode(WireFormat format, std::string_view value, Cell& cell) const override {
    Wire number{};
    if (format == WireFormat::kBinary) {
      if (value.size() != sizeof(Wire)) refuse_bytes(column_, format);
      number = load<Wire>(value.data());
    } else {
      const char* end = value.data() + value.size();
      const auto [stop, fault] = std::from_chars(value.data(), end, number);
      if (fault != std::errc{} || stop != end) refuse_bytes(column_, format);
    }
    store_integer(column_, number, cell);
  }

 private:
  EncodeColumn column_;
};

/// bool: one byte 0 or 1 in binary, t or f in text; "true" and "false" as text on the target.
class BoolEncoder final : public CellEncoder {
 public:
  explicit BoolEncoder(EncodeColumn column) : column_(std::move(column)) {}

  void encode(WireFormat format, std::string_view value, Cell& cell) const override {
    if (value.size() != 1) refuse_bytes(column_, format);
    const bool binary = format == WireFormat::kBinary;
    const bool truth = value[0] == (binary ? '\1' : 't');
    if (!truth && value[0] != (binary ? '\0' : 'f')) refuse_bytes(column_, format);
    if (column_.kind == CellKind::kText) return store_ascii(column_, truth ? "true" : "false", cell);
    store_integer(column_, truth ? 1 : 0, cell);
  }

 private:
  EncodeColumn column_;
};

}  // namespace

std::unique_ptr<CellEncoder> integer_encoder(EncodeColumn column) {
  if (!numeric_target(column.kind)) return nullptr;
  const auto& name = column.type.name;
  if (name == "bool") return std::make_unique<BoolEncoder>(std::move(column));
  if (name == "int2") return std::make_unique<IntegerEncoder<std::int16_t>>(std::move(column));
  if (name == "int4") return std::make_unique<IntegerEncoder<std::int32_t>>(std::move(column));
  if (name == "int8") return std::make_unique<IntegerEncoder<std::int64_t>>(std::move(column));
  return std::make_unique<IntegerEncoder<std::uint32_t>>(std::move(column));
}

}  // namespace millrace::schema
