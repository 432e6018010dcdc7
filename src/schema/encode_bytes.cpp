#include <fmt/format.h>

#include "schema/encode_column.hpp"
#include "schema/encode_geometry_text.hpp"
#include "schema/hex.hpp"

namespace millrace::schema {
namespace {

constexpr char kHex[] = "0123456789abcdef";

/// bytea: the bytes in binary, \x and hex digits in text (bytea_output = hex).
class ByteaEncoder final : public CellEncoder {
 public:
  explicit ByteaEncoder(EncodeColumn column) : column_(std::move(column)) {}

  void encode(WireFormat format, std::string_view value, Cell& cell) const override {
    if (column_.kind == CellKind::kText) return encode_as_text(format, value, cell);
    if (format == WireFormat::kBinary) {
      check_length(value.size());
      cell.bytes.assign(value.begin(), value.end());
    } else {
      if (value.size() % 2 != 0 || !value.starts_with("\\x")) refuse_bytes(column_, format);
      value.remove_prefix(2);
      check_length(value.size() / 2);
      cell.bytes.resize(value.size() / 2);
      for (std::size_t i = 0; i < cell.bytes.size(); ++i) {
        const int byte = hex_byte(value.data() + 2 * i);
        if (byte < 0) refuse_bytes(column_, format);
        cell.bytes[i] = static_cast<std::uint8_t>(byte);
      }
    }
    cell.null = false;
  }

  std::optional<LongValue> encode_long(WireFormat format, HeldBytes value) const override {
    if (column_.length != TargetType::kMax) return std::nullopt;
    if (column_.kind == CellKind::kText) {
      if (format == WireFormat::kText) return long_value(LongValue::Form::kUtf8, value);
      return made_text(value, append_hex);
    }
    if (format == WireFormat::kBinary) return long_value(LongValue::Form::kBytes, value);
    if (!value.view.starts_with("\\x")) return std::nullopt;
    value.view.remove_prefix(2);
    return long_value(LongValue::Form::kHex, value);
  }

 private:
  void check_length(std::size_t size) const {
    const bool fits = column_.target.name == "binary"
                          ? size == static_cast<std::size_t>(column_.length)  // SQL Server would add zeros
                          : column_.length == TargetType::kMax || size <= static_cast<std::size_t>(column_.length);
    if (!fits) refuse_value(column_, fmt::format("a value of {} bytes", size));
  }

  void encode_as_text(WireFormat format, std::string_view value, Cell& cell) const {
    if (format == WireFormat::kText) return store_text(column_, value, cell);
    TextOut text;
    text.reserve(2 + 2 * value.size());
    append_hex(value, text);
    store_ascii(column_, text.text(), cell);
  }

  static bool append_hex(std::string_view value, TextOut& out) {
    out += "\\x";
    for (const char c : value) {
      out += kHex[static_cast<unsigned char>(c) >> 4U];
      out += kHex[static_cast<unsigned char>(c) & 0xFU];
    }
    return true;
  }

  EncodeColumn column_;
};

/// uuid: 16 bytes in the order of the text, or 8-4-4-4-12 lower-case hex digits.
class UuidEncoder final : public CellEncoder {
 public:
  explicit UuidEncoder(EncodeColumn column) : column_(std::move(column)) {}

  void encode(WireFormat format, std::string_view value, Cell& cell) const override {
    if (format == WireFormat::kBinary) {
      if (value.size() != cell.guid.size()) refuse_bytes(column_, format);
      std::memcpy(cell.guid.data(), value.data(), cell.guid.size());
    } else {
      parse(value, cell);
    }
    cell.null = false;
    if (column_.kind == CellKind::kText) print(cell);
  }

 private:
  static bool dash_before(std::size_t byte) { return byte == 4 || byte == 6 || byte == 8 || byte == 10; }

  void parse(std::string_view value, Cell& cell) const {
    constexpr std::size_t kLength = 36;
    if (value.size() != kLength) refuse_bytes(column_, WireFormat::kText);
    const char* at = value.data();
    for (std::size_t i = 0; i < cell.guid.size(); ++i, at += 2) {
      if (dash_before(i) && *at++ != '-') refuse_bytes(column_, WireFormat::kText);
      const int byte = hex_byte(at);
      if (byte < 0) refuse_bytes(column_, WireFormat::kText);
      cell.guid[i] = static_cast<std::uint8_t>(byte);
    }
  }

  void print(Cell& cell) const {
    std::string text;
    for (std::size_t i = 0; i < cell.guid.size(); ++i) {
      if (dash_before(i)) text += '-';
      text += kHex[cell.guid[i] >> 4U];
      text += kHex[cell.guid[i] & 0xFU];
    }
    store_ascii(column_, text, cell);
  }

  EncodeColumn column_;
};

/// bit and varbit: 0 and 1 as characters in text; the count of bits and the bits, highest first, in binary.
class BitsEncoder final : public CellEncoder {
 public:
  explicit BitsEncoder(EncodeColumn column) : column_(std::move(column)) {}

  void encode(WireFormat format, std::string_view value, Cell& cell) const override {
    TextOut text;
    if (!append_bits(format, value, text)) refuse_bytes(column_, format);
    store(text.text(), cell);
  }

  std::optional<LongValue> encode_long(WireFormat format, HeldBytes value) const override {
    if (column_.kind != CellKind::kText || column_.length != TargetType::kMax) return std::nullopt;
    return made_text(value, [format](std::string_view bits, TextOut& out) { return append_bits(format, bits, out); });
  }

 private:
  static bool append_bits(WireFormat format, std::string_view value, TextOut& out) {
    if (format == WireFormat::kText) {
      for (const char bit : value) {
        if (bit != '0' && bit != '1') return false;
        out += bit;
      }
      return true;
    }
    constexpr std::size_t kCount = 4;
    if (value.size() < kCount) return false;
    const auto bits = load<std::uint32_t>(value.data());
    value.remove_prefix(kCount);
    if (value.size() != (std::uint64_t{bits} + 7) / 8) return false;
    for (std::size_t i = 0; i < bits; ++i) {
      out += (static_cast<unsigned char>(value[i / 8]) >> (7U - i % 8) & 1U) != 0 ? '1' : '0';
    }
    return true;
  }

  void store(std::string_view text, Cell& cell) const {
    if (column_.kind == CellKind::kText) return store_ascii(column_, text, cell);
    if (text.size() != 1) refuse_value(column_, fmt::format("a string of {} bits", text.size()));
    cell.integer = text[0] - '0';
    cell.null = false;
  }

  EncodeColumn column_;
};

/// geometry and geography of PostGIS: EWKB in binary, its hex digits in text.
class GeometryEncoder final : public CellEncoder {
 public:
  explicit GeometryEncoder(EncodeColumn column) : column_(std::move(column)) {}

  void encode(WireFormat format, std::string_view value, Cell& cell) const override {
    TextOut text;
    if (!append_ewkt(value, format == WireFormat::kText, text)) refuse_bytes(column_, format);
    store_ascii(column_, text.text(), cell);
  }

  std::optional<LongValue> encode_long(WireFormat format, HeldBytes value) const override {
    if (column_.length != TargetType::kMax) return std::nullopt;
    const bool hex = format == WireFormat::kText;
    return made_text(value, [hex](std::string_view ewkb, TextOut& out) { return append_ewkt(ewkb, hex, out); });
  }

 private:
  EncodeColumn column_;
};

}  // namespace

std::unique_ptr<CellEncoder> geometry_encoder(EncodeColumn column) {
  if (column.kind != CellKind::kText) return nullptr;
  return std::make_unique<GeometryEncoder>(std::move(column));
}

std::unique_ptr<CellEncoder> bytes_encoder(EncodeColumn column) {
  if (column.kind != CellKind::kBinary && column.kind != CellKind::kText) return nullptr;
  return std::make_unique<ByteaEncoder>(std::move(column));
}

std::unique_ptr<CellEncoder> uuid_encoder(EncodeColumn column) {
  if (column.kind != CellKind::kGuid && column.kind != CellKind::kText) return nullptr;
  return std::make_unique<UuidEncoder>(std::move(column));
}

std::unique_ptr<CellEncoder> bits_encoder(EncodeColumn column) {
  const bool one_bit = column.type.name == "bit" && column.type.length.value_or(1) == 1;
  if (column.kind != CellKind::kText && !(one_bit && column.kind == CellKind::kBit)) return nullptr;
  return std::make_unique<BitsEncoder>(std::move(column));
}

}  // namespace millrace::schema
